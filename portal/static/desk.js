// The desk without a script is a plain form; this adds dragging, progress, and a list that keeps itself fresh.
"use strict";
(function () {
  var form = document.getElementById("hand-in"), list = document.getElementById("list");
  var NEXT_LOOK_MS = 2500, CALM_LOOK_MS = 20000;

  function look() {
    fetch("/list", { headers: { Accept: "text/html" }, credentials: "same-origin" }).then(function (answer) {
      if (answer.status === 403) { location.reload(); return null; }
      return answer.ok ? answer.text() : null;
    }).then(function (page) {
      if (page !== null && page !== look.last) { list.innerHTML = look.last = page; }
    }).catch(function () { /* the next look may find it again */ }).then(plan);
  }

  function plan() {
    clearTimeout(plan.timer);
    var first = list.firstElementChild, busy = first && first.dataset.underWay === "1";
    plan.timer = setTimeout(look, busy ? NEXT_LOOK_MS : CALM_LOOK_MS);
  }

  if (list && !/[?&]before=/.test(location.search)) { plan(); }
  if (!form) { return; }

  document.documentElement.classList.add("scripted");
  var drop = document.getElementById("drop"), input = document.getElementById("files"), send = document.getElementById("send");
  var chosen = document.getElementById("chosen"), bar = document.getElementById("progress"), told = document.getElementById("told");
  var words = form.dataset, picked = [];

  function tell(text, tone) { told.textContent = text; told.className = "told " + tone; told.hidden = false; }

  function size(bytes) { return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB"; }

  function total() { return picked.reduce(function (sum, file) { return sum + file.size; }, 0); }

  function pick(files) {
    picked = Array.prototype.slice.call(files);
    told.hidden = true;
    var names = picked.map(function (file) { return file.name + " (" + size(file.size) + ")"; }).join(" · ");
    chosen.textContent = picked.length ? words.chosen + ": " + names + (picked.length > 1 ? " — " + words.one : "") : "";
    send.disabled = !picked.length;
    if (total() > Number(words.limit)) { tell(words.tooLarge, "bad"); send.disabled = true; }
  }

  function ended(text, tone) { bar.hidden = true; input.disabled = false; tell(text, tone); }

  function hand(event) {
    event.preventDefault();
    if (!picked.length) { return; }
    var body = new FormData(), request = new XMLHttpRequest();
    body.append("mark", form.elements.mark.value);
    picked.forEach(function (file) { body.append("files", file, file.name); });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-Flyover-Mark", form.elements.mark.value);
    request.upload.onprogress = function (step) {
      if (!step.lengthComputable) { return; }
      bar.value = 100 * step.loaded / step.total;
      tell(step.loaded < step.total ? words.sending + " " + Math.floor(bar.value) + "%" : words.checking, "calm");
    };
    request.onload = function () {
      var answer = {};
      try { answer = JSON.parse(request.responseText); } catch (torn) { answer = {}; }
      if (request.status === 201) { pick([]); form.reset(); ended(words.done, "good"); look(); }
      else { ended(answer.message || words.brokenOff, "bad"); send.disabled = false; }
    };
    request.onerror = function () { ended(words.brokenOff, "bad"); send.disabled = false; };
    send.disabled = true; input.disabled = true; bar.value = 0; bar.hidden = false;
    tell(words.sending, "calm");
    request.send(body);
  }

  input.addEventListener("change", function () { pick(input.files); });
  ["dragenter", "dragover"].forEach(function (name) {
    drop.addEventListener(name, function (event) { event.preventDefault(); drop.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    drop.addEventListener(name, function (event) { event.preventDefault(); drop.classList.remove("over"); });
  });
  drop.addEventListener("drop", function (event) { pick(event.dataTransfer.files); });
  form.addEventListener("submit", hand);
  pick(input.files);
})();
