// A device that was lent for one hour belongs to the tab in which *start* was pressed. Whoever opens the hour in another
// tab finds it closed, and leaving closes it for all of them; the server closes it by itself at the hour's end.
const STARTED = "samrom-here";
const marked = (what) => document.querySelector(`[data-here="${what}"]`);
const close = () => fetch("/here/close", { method: "POST", redirect: "manual", keepalive: true }).catch(() => {});

marked("start")?.addEventListener("submit", () => sessionStorage.setItem(STARTED, "yes"));

if (marked("close")) {
  sessionStorage.clear();
  close();
}

if (marked("only") && !sessionStorage.getItem(STARTED)) {
  close().then(() => location.replace("/goodbye"));
}
