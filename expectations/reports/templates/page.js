(function () {
  "use strict";
  var root = document.documentElement, box = document.getElementById("lang"), field = document.getElementById("find");
  function kept(language) {
    try { if (language) { localStorage.setItem("flyover-lang", language); } return localStorage.getItem("flyover-lang"); } catch (none) { return null; }
  }
  function speak(english) { box.checked = english; root.lang = english ? "en" : "zh"; }
  var asked = /[?&]lang=(en|zh)\b/.exec(location.search);
  speak((asked ? kept(asked[1]) || asked[1] : kept()) === "en");
  box.addEventListener("change", function () { speak(box.checked); kept(box.checked ? "en" : "zh"); });

  if (!field) { return; }
  var found = document.getElementById("found"), base = document.body.dataset.root, loading = false;
  field.parentNode.hidden = false;
  function load() {
    if (loading) { return; }
    loading = true;
    var script = document.createElement("script");
    script.src = base + "assets/pages.js";
    script.onload = show;
    document.head.appendChild(script);
  }
  function show() {
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean), pages = window.FLYOVER_PAGES || [];
    found.textContent = "";
    if (!words.length) { return; }
    pages.filter(function (page) {
      var text = page.join(" ").toLowerCase();
      return words.every(function (word) { return text.indexOf(word) >= 0; });
    }).slice(0, 12).forEach(function (page) {
      var item = document.createElement("li"), link = document.createElement("a"), small = document.createElement("small");
      link.href = base + page[0];
      link.textContent = page[root.lang === "en" ? 2 : 1];
      small.textContent = page[0].replace(/\.html$/, "");
      link.appendChild(small);
      item.appendChild(link);
      found.appendChild(item);
    });
  }
  field.addEventListener("focus", load);
  field.addEventListener("input", function () { load(); show(); });
  field.parentNode.addEventListener("keydown", function (event) {
    var links = Array.prototype.slice.call(found.querySelectorAll("a")), at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { field.value = ""; show(); field.focus(); }
    else if (event.key === "Enter" && document.activeElement === field && links.length) { links[0].click(); }
    else if (event.key === "ArrowDown" && links[at + 1]) { links[at + 1].focus(); event.preventDefault(); }
    else if (event.key === "ArrowUp" && at >= 0) { (links[at - 1] || field).focus(); event.preventDefault(); }
  });
}());
