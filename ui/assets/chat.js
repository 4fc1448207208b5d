// The chat page. What is shown comes from the server as escaped HTML; this script only sends, places and opens it.

const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;
const WAITS = { waiting: 3000, owned: 3000, open: 20000, closed: 20000 };
const PATIENCE = 20000; // milliseconds until a call counts as lost
const NOTES = {
  bot: "A bot answers here and removes personal details.",
  person: "A person answers here. Personal details are removed before anything is stored.",
};
const LOST = "That did not reach us.";

export async function start(root, server) {
  const page = new Page(root, server);
  await page.open();
}

class Page {
  constructor(root, server) {
    this.root = root;
    this.server = server;
    this.log = root.querySelector(".log");
    this.scroller = root.querySelector("main");
    this.box = root.querySelector("textarea");
    this.note = root.querySelector(".note");
    this.max = Infinity;
    this.last = -1;
    this.busy = Promise.resolve();
    root.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("submit", (event) => this.feedback(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("input", () => this.measure());
    document.addEventListener("click", (event) => { if (!event.target.closest(".menu")) this.menu(false); });
    root.querySelector(".menu").addEventListener("keydown", (event) => this.menuKey(event));
  }

  // Calls

  async call(act, rest = {}) {
    let timer;
    const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error("late")), PATIENCE); });
    try {
      const seen = await Promise.race([this.server({ act, ...rest }), late]);
      if (!seen) throw new Error("lost"); // Gradio's client answers a failed request with nothing
      return seen;
    } finally {
      clearTimeout(timer);
    }
  }

  async open() {
    try {
      const seen = await this.call("open");
      if (seen.error) throw new Error();
      this.max = seen.max;
      this.log.innerHTML = seen.html;
      this.status(seen);
      this.toEnd("auto");
      this.log.setAttribute("aria-live", "polite");
      this.measure();
      this.schedule();
      if (matchMedia("(pointer: fine)").matches) this.box.focus();
    } catch {
      this.log.innerHTML = '<p class="line">This chat could not be loaded. <button type="button" class="button">Try again</button></p>';
      this.log.querySelector("button").onclick = () => location.reload();
    }
  }

  status(seen) {
    if (seen.error || seen.state === undefined) return;
    this.root.dataset.state = seen.state;
    const presence = this.root.querySelector(".presence span");
    if (presence.textContent !== seen.presence) presence.textContent = seen.presence;
    this.root.querySelector('[data-act="person"]').hidden = seen.state !== "open" && seen.state !== "closed";
    if (Number.isInteger(seen.last)) this.last = seen.last;
    this.log.querySelector(".line.now")?.remove();
    if (seen.line) {
      const line = element("p", "line now", seen.line);
      this.log.append(line);
    }
    this.state = seen.state;
    this.measure();
  }

  schedule() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poll(), WAITS[this.state] ?? 20000);
  }

  async poll() {
    try {
      if (!document.hidden && this.last >= 0) {
        await this.busy;
        const seen = await this.call("poll", { after: this.last });
        if (!seen.error) {
          if (seen.html) this.log.insertAdjacentHTML("beforeend", seen.html);
          const before = this.state;
          this.status(seen);
          if (seen.html || before !== this.state) this.toEnd();
        }
      }
    } catch { /* the next one may come through */ }
    this.schedule();
  }

  // Sending

  measure() {
    const text = this.box.value;
    const over = text.length > this.max;
    this.note.classList.toggle("over", over);
    this.note.textContent = over
      ? `That is ${text.length.toLocaleString("en")} characters. Please keep to ${this.max.toLocaleString("en")}, or send it in parts.`
      : NOTES[this.state === "owned" ? "person" : "bot"];
    this.root.querySelector(".send").setAttribute("aria-disabled", String(over || !text.trim()));
    if (!CSS.supports("field-sizing", "content")) {
      this.box.style.height = "auto";
      this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
    }
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    }
  }

  submit() {
    const text = this.box.value;
    if (!text.trim() || text.length > this.max) return;
    this.box.value = "";
    this.measure();
    this.say("send", text.trim());
  }

  say(act, text) {
    this.log.querySelector(".welcome")?.remove();
    this.log.querySelector(".line.now")?.remove();
    for (const options of this.log.querySelectorAll(".options")) options.remove();
    const turn = element("div", "turn");
    turn.append(element("div", "bubble mine", text));
    this.log.append(turn);
    this.toEnd();
    const id = hex();
    this.busy = this.busy.then(() => this.deliver(turn, act, text, id));
    return this.busy;
  }

  async deliver(turn, act, text, id) {
    const dots = setTimeout(() => { turn.append(typing()); this.toEnd(); }, 60);
    let seen;
    try {
      seen = await this.call(act, { text, id });
    } catch {
      seen = { error: LOST };
    }
    clearTimeout(dots);
    turn.querySelector(".reply")?.remove();
    if (seen.error) {
      this.failed(turn, act, text, id, seen);
      return;
    }
    const range = document.createRange().createContextualFragment(seen.html);
    const fresh = [...range.children];
    turn.replaceWith(range);
    this.status(seen);
    this.schedule();
    for (const part of fresh) this.stream(part);
    this.toEnd();
  }

  failed(turn, act, text, id, seen) {
    turn.classList.add("unsent");
    const row = element("div", "failed");
    row.setAttribute("role", "alert");
    const again = element("button", "button", seen.gone ? "Load again" : "Try again");
    again.type = "button";
    again.onclick = () => {
      if (seen.gone) { location.reload(); return; }
      row.remove();
      turn.classList.remove("unsent");
      this.busy = this.busy.then(() => this.deliver(turn, act, text, id));
    };
    row.append(element("span", "", seen.error), again);
    turn.append(row);
    this.toEnd();
  }

  stream(turn) {
    const bubble = turn.querySelector?.(".theirs");
    if (!bubble || CALM) return;
    const words = [];
    const walker = document.createTreeWalker(bubble, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(".sr, .placeholder")) texts.push(walker.currentNode);
    for (const node of texts) {
      const parts = node.textContent.split(/(?<=\s)/);
      node.replaceWith(...parts.map((part) => { const word = element("span", "word", part); words.push(word); return word; }));
    }
    const step = Math.min(22, 550 / Math.max(1, words.length));
    words.forEach((word, i) => { word.style.animationDelay = `${i * step}ms`; });
    const whole = words.length * step;
    for (const part of turn.querySelectorAll(".options, .actions")) {
      part.classList.add("later");
      part.style.animationDelay = `${whole}ms`;
    }
  }

  toEnd(behavior = CALM ? "auto" : "smooth") {
    requestAnimationFrame(() => this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior }));
  }

  // What can be pressed

  click(event) {
    const button = event.target.closest("[data-act]");
    if (!button || button.disabled) return;
    const turn = button.closest(".turn");
    const acts = {
      option: () => this.say("send", button.dataset.text),
      person: () => this.say("person", "Talk to a person"),
      sources: () => this.toggle(turn, button, "sources"),
      why: () => this.why(turn, button),
      thumb: () => this.thumb(turn, button),
      menu: () => this.menu(this.root.querySelector("#chat-menu").hidden),
      restart: () => this.restart(),
      save: () => this.save(),
    };
    acts[button.dataset.act]?.();
  }

  toggle(turn, button, name) {
    const open = button.getAttribute("aria-expanded") !== "true";
    for (const other of turn.querySelectorAll(".actions [aria-expanded]")) other.setAttribute("aria-expanded", "false");
    for (const panel of turn.querySelectorAll(".panel")) panel.hidden = true;
    button.setAttribute("aria-expanded", String(open));
    const panel = turn.querySelector(`[data-panel="${name}"]`);
    panel.hidden = !open;
    if (open) this.reveal(panel);
    return open ? panel : null;
  }

  reveal(panel) {
    requestAnimationFrame(() => panel.scrollIntoView({ block: "nearest", behavior: CALM ? "auto" : "smooth" }));
  }

  async why(turn, button) {
    const panel = this.toggle(turn, button, "why");
    if (!panel || panel.childElementCount) return;
    try {
      const seen = await this.call("why", { turn: turn.dataset.turn });
      if (seen.error) throw new Error();
      panel.innerHTML = seen.html;
    } catch {
      panel.textContent = "The reasons could not be loaded. Close this and try again.";
    }
    this.reveal(panel);
  }

  async thumb(turn, button) {
    const helpful = button.dataset.way === "up";
    for (const other of turn.querySelectorAll('[data-act="thumb"]')) other.setAttribute("aria-pressed", String(other === button));
    const form = turn.querySelector(".reasons");
    for (const panel of turn.querySelectorAll(".panel")) panel.hidden = true;
    for (const other of turn.querySelectorAll(".actions [aria-expanded]")) other.setAttribute("aria-expanded", "false");
    form.hidden = helpful;
    if (!helpful) { this.reveal(form); form.querySelector("input").focus({ preventScroll: true }); }
    await this.rate(turn, { helpful }, helpful ? "Thank you. That helps us." : "");
  }

  async feedback(event) {
    const form = event.target.closest(".reasons");
    if (!form) return;
    event.preventDefault();
    const turn = form.closest(".turn");
    const reasons = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    const kept = await this.rate(turn, { helpful: false, reasons, comment: form.comment.value }, "Thank you. Someone will read this.");
    form.hidden = kept;
  }

  async rate(turn, rating, thanks) {
    const line = turn.querySelector(".thanks");
    let seen;
    try {
      seen = await this.call("rate", { turn: turn.dataset.turn, ...rating });
    } catch {
      seen = { error: LOST };
    }
    line.textContent = seen.error ? `${LOST} Please try again.` : thanks;
    line.hidden = !line.textContent;
    return !seen.error;
  }

  // Menu

  menu(open) {
    const list = this.root.querySelector("#chat-menu");
    const button = this.root.querySelector('[data-act="menu"]');
    if (list.hidden === !open) return;
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) list.querySelector("button").focus();
  }

  menuKey(event) {
    const items = [...this.root.querySelectorAll("#chat-menu button")];
    const at = items.indexOf(document.activeElement);
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { this.menu(false); this.root.querySelector('[data-act="menu"]').focus(); }
    if (event.key === "Tab") this.menu(false);
    if (move && at >= 0) { event.preventDefault(); items[(at + move + items.length) % items.length].focus(); }
  }

  async restart() {
    this.menu(false);
    try {
      const seen = await this.call("restart");
      if (seen.error) throw new Error();
      this.log.innerHTML = seen.html;
      this.status(seen);
      this.schedule();
      this.box.focus();
    } catch {
      this.note.textContent = `${LOST} Please try again.`;
    }
  }

  async save() {
    this.menu(false);
    try {
      const seen = await this.call("save");
      if (seen.error) throw new Error();
      const link = element("a");
      link.href = URL.createObjectURL(new Blob([seen.text], { type: "text/plain;charset=utf-8" }));
      link.download = "conversation.txt";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } catch {
      this.note.textContent = `${LOST} Please try again.`;
    }
  }
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function typing() {
  const row = element("div", "reply");
  row.setAttribute("aria-label", "The assistant is writing");
  row.innerHTML = '<span class="face" aria-hidden="true"></span><div class="bubble theirs typing" aria-hidden="true"><i></i><i></i><i></i></div>';
  return row;
}

function hex() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
