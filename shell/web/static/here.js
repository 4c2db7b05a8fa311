// A device that was lent for one hour belongs to the tab in which *start* was pressed, and to those beside it while it
// lives. Whoever opens the hour after that tab is gone finds it closed; the server closes it by itself at the hour's end.
const STARTED = "samrom-here";
const ANSWER_MS = 800;
const marked = (what) => document.querySelector(`[data-here="${what}"]`);
const close = () => fetch("/here/close", { method: "POST", redirect: "manual", keepalive: true }).catch(() => {});
const others = new BroadcastChannel(STARTED);

marked("start")?.addEventListener("submit", () => sessionStorage.setItem(STARTED, "yes"));

if (marked("close")) {
  sessionStorage.clear();
  close();
}

if (marked("only")) {
  if (sessionStorage.getItem(STARTED)) {
    others.onmessage = ({ data }) => { if (data === "who") others.postMessage("here"); };
  } else {
    const alone = setTimeout(() => close().then(() => location.replace("/goodbye")), ANSWER_MS);
    others.onmessage = ({ data }) => {
      if (data !== "here") return;
      clearTimeout(alone);
      sessionStorage.setItem(STARTED, "yes");
    };
    others.postMessage("who");
  }
}
