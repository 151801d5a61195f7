// The desk works without this; it adds a box that chooses the whole page, a count of what is chosen, and one click a form.
"use strict";
(function () {
  var SENT_MS = 8000;
  var form = document.getElementById("decide"), all = null;

  document.addEventListener("submit", function (event) {
    var sent = event.target;
    if (sent.method !== "post") { return; }
    if (sent.dataset.sent) { event.preventDefault(); return; }
    sent.dataset.sent = "1";
    setTimeout(function () { delete sent.dataset.sent; }, SENT_MS);
  });
  window.addEventListener("pageshow", function () {  // also when someone comes back to a page as they left it
    Array.prototype.forEach.call(document.forms, function (each) { delete each.dataset.sent; });
    if (form) { count(); }
  });

  if (!form) { return; }
  var boxes = Array.prototype.slice.call(form.querySelectorAll("input[name=entry]"));
  var told = document.getElementById("chosen"), first = form.querySelector("thead th");

  function count() {
    if (!told) { return; }
    var chosen = boxes.filter(function (box) { return box.checked; });
    told.textContent = chosen.length ? "(" + chosen.length + ")" : "";
    boxes.forEach(function (box) { box.closest("tr").classList.toggle("picked", box.checked); });
    if (all) { all.checked = chosen.length === boxes.length; all.indeterminate = chosen.length > 0 && !all.checked; }
  }

  if (boxes.length && first) {
    all = document.createElement("input");
    all.type = "checkbox";
    all.id = "every";
    all.setAttribute("aria-label", first.textContent);
    first.insertBefore(all, first.firstChild);
    first.classList.add("pick");
    all.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = all.checked; }); count(); });
  }
  form.addEventListener("change", function (event) {
    if (event.target.name === "entry" && event.target.checked) { form.querySelector("input[name=scope][value=chosen]").checked = true; }
    count();
  });
  count();
})();
