// The staff console. Content comes from the server as escaped HTML; this script asks, places and moves between panes.

const LIST_EVERY = 5000;
const TALK_EVERY = 3000;
const PAGE = 50;
const LOST = "That did not reach the server. Try again.";

export async function start(root, server) {
  await new Console(root, server).open();
}

class Console {
  constructor(root, server) {
    this.root = root;
    this.server = server;
    this.find = (selector) => root.querySelector(selector);
    this.rows = this.find(".rows");
    this.filters = this.find(".filters");
    this.turns = this.find(".turns");
    this.limit = PAGE;
    this.seen = {}; // what each place shows, so that only what changed is drawn
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("submit", (event) => this.submit(event));
    this.filters.addEventListener("input", () => { clearTimeout(this.typing); this.typing = setTimeout(() => { this.limit = PAGE; this.list(); }, 150); });
    this.find("#answer").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.say(); }
    });
    document.addEventListener("keydown", (event) => this.key(event));
  }

  async call(act, rest = {}) {
    try {
      const seen = await this.server({ act, ...rest });
      if (!seen) throw new Error("lost"); // Gradio's client answers a failed request with nothing
      if (seen.gone) location.reload();
      return seen;
    } catch {
      // A session that ended is answered with 401; anything else may pass.
      const alive = await fetch("config", { method: "HEAD" }).then((r) => r.status !== 401, () => true);
      if (!alive) location.assign("login");
      return { error: LOST };
    }
  }

  async open() {
    const frame = await this.call("frame");
    if (frame.error) return this.notice(frame.error);
    this.find(".me").textContent = frame.staff;
    this.find(".serving").innerHTML = frame.serving;
    this.find("#f-intent").innerHTML = frame.intents;
    await this.list();
    if (matchMedia("(min-width: 1101px)").matches) {
      const first = this.rows.querySelector(".row");
      if (first) await this.choose(first.dataset.id);
    }
    setInterval(() => { if (!document.hidden) this.list(); }, LIST_EVERY);
    setInterval(() => { if (!document.hidden && this.id) this.refresh(); }, TALK_EVERY);
  }

  pane(name) { this.find(".panes").dataset.pane = name; }

  draw(place, html) {
    if (this.seen[place] === html) return false;
    this.seen[place] = html;
    this.find(place).innerHTML = html;
    return true;
  }

  // List

  async list() {
    const form = this.filters;
    const asked = { text: form.text.value, state: form.state.value, intent: form.intent.value, unhelpful: form.unhelpful.checked, limit: this.limit };
    const found = await this.call("list", asked);
    if (found.error) return;
    this.draw(".rows", found.html);
    const more = this.find(".more");
    more.hidden = found.shown >= found.total;
    more.querySelector("span").textContent = `${found.shown} of ${found.total.toLocaleString("en")}`;
    this.select();
  }

  select() {
    let active = null;
    for (const row of this.rows.querySelectorAll(".row")) {
      const on = row.dataset.id === this.id;
      row.setAttribute("aria-selected", String(on));
      if (on) active = row;
    }
    if (active) this.rows.setAttribute("aria-activedescendant", active.id);
    else this.rows.removeAttribute("aria-activedescendant");
    return active;
  }

  step(by) {
    const rows = [...this.rows.querySelectorAll(".row")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.dataset.id === this.id);
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    this.choose(next.dataset.id);
  }

  // Conversation

  async choose(id, openLast = true) {
    const fresh = id !== this.id;
    this.id = id;
    this.select()?.scrollIntoView({ block: "nearest" });
    const talk = await this.call("chat", { id });
    if (this.id !== id) return;
    if (talk.error) return this.notice(talk.error);
    if (fresh) { this.find("#answer").value = ""; this.turn = null; this.notice(""); }
    this.show(talk);
    this.pane("talk");
    const last = [...this.turns.querySelectorAll("[data-turn]")].pop();
    if (openLast && fresh && last && matchMedia("(min-width: 1101px)").matches) await this.openTurn(last.dataset.turn, false);
    else if (fresh) this.find(".context .blank").hidden = false;
    this.toEnd();
  }

  show(talk) {
    const scroll = this.find(".talk .scroll");
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
    this.find(".talk .blank").hidden = true;
    this.draw(".talk .head", talk.head);
    const changed = this.draw(".turns", talk.html);
    this.find(".answer").hidden = !talk.mine;
    this.mine = talk.mine;
    this.free = talk.free;
    if (changed) {
      this.mark();
      if (atEnd) this.toEnd();
    }
  }

  async refresh() {
    const id = this.id;
    const talk = await this.call("chat", { id });
    if (!talk.error && id === this.id) this.show(talk);
  }

  toEnd() {
    const scroll = this.find(".talk .scroll");
    requestAnimationFrame(() => { scroll.scrollTop = scroll.scrollHeight; });
  }

  notice(text) {
    const line = this.find(".notice");
    line.textContent = text;
    line.hidden = !text;
    line.classList.toggle("bad", Boolean(text));
  }

  async act(name) {
    const id = this.id;
    if (!id) return;
    const talk = await this.call(name, { id });
    this.notice(talk.error ?? "");
    if (talk.error) return;
    this.show(talk);
    this.list();
    if (talk.mine) this.find("#answer").focus();
  }

  async say() {
    const box = this.find("#answer");
    const text = box.value;
    if (!text.trim()) return;
    const talk = await this.call("say", { id: this.id, text });
    this.notice(talk.error ?? "");
    if (talk.error) return;
    box.value = "";
    this.show(talk);
    this.toEnd();
    this.list();
  }

  // Context

  async openTurn(turn, reveal = true) {
    this.turn = turn;
    this.mark();
    const seen = await this.call("turn", { turn });
    if (this.turn !== turn) return;
    if (seen.error) return this.notice(seen.error);
    this.find(".context .body").innerHTML = seen.html;
    this.find(".context .blank").hidden = true;
    this.find(".context .scroll").scrollTop = 0;
    if (reveal) this.pane("context");
  }

  mark() {
    for (const turn of this.turns.querySelectorAll(".turn[data-turn]")) {
      const on = turn.dataset.turn === this.turn;
      turn.classList.toggle("opened", on);
      turn.querySelector('[data-act="turn"]').setAttribute("aria-pressed", String(on));
    }
  }

  stepTurn(by) {
    const turns = [...this.turns.querySelectorAll("[data-turn]")];
    const at = turns.findIndex((turn) => turn.dataset.turn === this.turn);
    const next = turns[at < 0 ? turns.length - 1 : Math.min(Math.max(at + by, 0), turns.length - 1)];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    this.openTurn(next.dataset.turn);
  }

  async correct(form) {
    const line = form.querySelector('[role="status"]');
    const button = form.querySelector("button");
    button.disabled = true;
    const turn = form.dataset.turn;
    const seen = await this.call("correct", { turn, intent: form.intent.value, answer: form.answer.value, note: form.note.value });
    button.disabled = false;
    line.textContent = seen.error ?? seen.said;
    line.classList.toggle("bad", Boolean(seen.error));
    if (seen.error) return;
    this.refresh();
    this.list();
  }

  // What can be pressed

  click(event) {
    const button = event.target.closest("[data-act]");
    const row = event.target.closest(".row");
    const turn = event.target.closest(".turn[data-turn]");
    if (row) return this.choose(row.dataset.id);
    if (!button) return turn && !event.target.closest("a") && !String(getSelection()) ? this.openTurn(turn.dataset.turn) : undefined;
    const acts = {
      turn: () => this.openTurn(turn.dataset.turn),
      take: () => this.act("take"),
      back: () => this.act("back"),
      clear: () => { this.filters.reset(); this.list(); },
      more: () => { this.limit += PAGE; this.list(); },
      keys: () => this.find("dialog.keys").showModal(),
      "to-list": () => this.pane("list"),
      "to-talk": () => this.pane("talk"),
    };
    return acts[button.dataset.act]?.();
  }

  submit(event) {
    const form = event.target;
    if (form.method === "post" || form.method === "dialog") return;
    event.preventDefault();
    if (form.matches(".correct")) this.correct(form);
    if (form.matches(".answer")) this.say();
    if (form.matches(".filters")) this.list();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.find("dialog.keys").open) return;
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape" && typing) { typing.blur(); this.rows.focus(); return; }
    if (typing) return;
    const inList = event.target.closest?.(".rows") || event.target === document.body;
    const acts = {
      j: () => this.step(1),
      k: () => this.step(-1),
      n: () => this.stepTurn(1),
      p: () => this.stepTurn(-1),
      "/": () => this.find("#q").focus(),
      t: () => (this.mine ? this.act("back") : this.free && this.act("take")),
      r: () => (this.mine ? this.find("#answer").focus() : this.free && this.act("take")),
      c: () => this.find("#fix-intent")?.focus(),
      "?": () => this.find("dialog.keys").showModal(),
      ...(inList ? { ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1), Enter: () => this.id && this.pane("talk") } : {}),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }
}
