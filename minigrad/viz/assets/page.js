// The page: where we are in the trace, what that means for every node, and the buttons, keys and clicks that move us.

let trace, nodes, steps, leaves, expected, forwarded, problems, ranks, graph, code;
let position = 0, revealed = true, predicting = false, timer = null;

const PHASE = { forward: "forward", free: "free", skip: "skip", accumulate: "land", zero_grad: "optimizer", step: "optimizer",
  seed: "back", call: "back", send: "back", sum: "back", hook: "back" };
const TICK = 1100;
const at = id => document.getElementById(id);
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

async function unpack(element) {
  if (element.dataset.packed !== "true") return JSON.parse(element.textContent);
  const bytes = Uint8Array.from(atob(element.textContent), char => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// JSON has no word for what is not finite; the page's trace spells it out.
const numbers = values => values && values.map(value => typeof value === "string" ? Number(value) : value);

// ---- the state after step k

function stateAt(k) {
  const state = { made: new Set(), grad: new Map(), landed: new Map(), count: new Map(), called: new Set(), edges: new Map() };
  for (let i = 0; i <= k; i++) {
    const step = steps[i];
    switch (step.kind) {
      case "forward": state.made.add(step.node); break;
      case "seed":
        for (const part of [state.grad, state.count, state.called, state.edges]) part.clear();
        state.grad.set(step.node, step.grad);
        break;
      case "call": state.called.add(step.node); state.grad.set(step.node, step.grad); break;
      case "send":
        state.grad.set(step.to, step.after);
        state.count.set(step.to, (state.count.get(step.to) || 0) + 1);
        state.edges.set(`${step.node}:${step.input}`, "seen");
        break;
      case "skip": state.edges.set(`${step.node}:${step.input}`, "skip"); break;
      case "hook": if (Number.isInteger(step.after) && state.grad.has(step.node)) state.grad.set(step.node, step.after); break;
      case "accumulate": state.grad.delete(step.node); state.landed.set(step.node, step.after); break;
      case "zero_grad": for (const id of step.params) state.landed.delete(id); break;
    }
  }
  return state;
}

// ---- moving

const canHide = step => step.kind in QUESTIONS;

function go(to, { reveal = false, focus = null } = {}) {
  position = Math.max(0, Math.min(steps.length - 1, to));
  const step = steps[position];
  revealed = reveal || !predicting || !canHide(step);
  show(focus);
}

function show(focus = null) {
  const step = steps[position], hidden = !revealed;
  const state = stateAt(hidden ? position - 1 : position);
  graph.paint(state, step, focus);
  tell(step, hidden);
  tellGrads(state, step);
  code.show(codeOf(position), step.node !== null);
  at("slider").value = position;
  at("slider").setAttribute("aria-valuetext", `step ${position + 1} of ${steps.length}: ${TITLES[step.kind] || step.kind}`);
  at("phases").style.setProperty("--done", steps.length > 1 ? position / (steps.length - 1) : 1);
  at("count").replaceChildren(make("b", {}, String(position + 1)), ` / ${steps.length}`);
  for (const id of ["first", "back"]) at(id).disabled = position === 0;
  for (const id of ["next", "last"]) at(id).disabled = position === steps.length - 1 && revealed;
}

// The code of the step's node; a leaf has none of its own, so what sent to it stays in sight.
function codeOf(k) {
  while (k > 0 && !nodes.get(steps[k].node)?.code) k--;
  return nodes.get(steps[k].node)?.code;
}

function forward() {
  if (!revealed) { revealed = true; show(); }
  else if (position < steps.length - 1) go(position + 1);
  else pause();
}

// To the next (or previous) node that runs: what a reader in a hurry wants.
function leap(direction) {
  let to = position + direction;
  while (steps[to] && !["call", "seed", "forward"].includes(steps[to].kind)) to += direction;
  go(steps[to] ? to : direction > 0 ? steps.length - 1 : 0, { reveal: true });
}

function play() {
  if (position === steps.length - 1 && revealed) go(0);
  timer = setInterval(forward, TICK);
  document.body.classList.add("playing");
  at("play").setAttribute("aria-label", "Pause");
}

function pause() {
  clearInterval(timer);
  timer = null;
  document.body.classList.remove("playing");
  at("play").setAttribute("aria-label", "Play");
}

const touches = (step, id) => step.node === id && ["seed", "call", "accumulate", "hook"].includes(step.kind) || step.to === id && ["send", "sum", "skip"].includes(step.kind);

function goToNode(ids) {
  pause();
  const wanted = step => ids.some(id => touches(step, id));
  let to = steps.findIndex((step, i) => i > position && wanted(step));
  if (to < 0) to = steps.findIndex(wanted);
  if (to < 0) to = steps.findIndex(step => ids.includes(step.node));
  if (to >= 0) go(to, { focus: new Set(ids) });
}

// ---- what stands still

function gauge() {
  const kinds = steps.map(step => PHASE[step.kind]), parts = [];
  const bins = Math.min(steps.length, 400);
  for (let i = 0; i < bins; i++) {
    const slice = kinds.slice(Math.floor(i * kinds.length / bins), Math.floor((i + 1) * kinds.length / bins));
    const kind = slice.includes("land") ? "land" : slice.includes("optimizer") ? "optimizer" : slice[0];
    parts.push(`var(--${kind}) ${(100 * i / bins).toFixed(2)}% ${(100 * (i + 1) / bins).toFixed(2)}%`);
  }
  at("phases").style.background = `linear-gradient(90deg, ${parts.join(", ")})`;
}

function moduleChips() {
  const panel = at("modules"), paths = new Map();
  for (const module of graph.modules) paths.set(module.path, paths.get(module.path) || module.open);
  const chip = (key, text, open, title, wanted) => {
    const button = make("button", { "aria-expanded": String(open), "data-module": key, title }, text);
    button.addEventListener("click", () => {
      graph.toggle(wanted, !open);
      [...panel.children].find(other => other.dataset.module === key)?.focus();
    });
    return button;
  };
  const chips = [...paths].map(([path, open]) => {
    const button = chip(path, shorten(path, 24), open, `${open ? "Close" : "Open"} ${path}`, module => module.path === path);
    for (const [type, on] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]])
      button.addEventListener(type, () => graph.light(box => box.items.some(item => within(item, path)), on));
    return button;
  });
  if (chips.length > 1) {
    const open = [...paths.values()].some(Boolean);
    chips.push(chip("", open ? "close all" : "open all", open, "All modules", () => true));
    chips.at(-1).className = "all";
  }
  panel.replaceChildren(...chips);
}

function theme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  graph.mix();
  gradRows.clear();
  show();
}

function predict() {
  predicting = !predicting;
  at("predict").setAttribute("aria-pressed", String(predicting));
  revealed = !predicting || !canHide(steps[position]);
  show();
}

function help(open = at("keys").hidden) {
  at("keys").hidden = !open;
  at("help").setAttribute("aria-expanded", String(open));
}

const KEYS = {
  ArrowRight: forward, ArrowLeft: () => go(position - 1), ArrowUp: () => leap(-1), ArrowDown: () => leap(1),
  Home: () => go(0), End: () => go(steps.length - 1, { reveal: true }), " ": () => timer ? pause() : play(),
  p: predict, t: theme, f: () => graph.fit(), "+": () => graph.zoom(1.25), "=": () => graph.zoom(1.25), "-": () => graph.zoom(0.8), "?": () => help(), Escape: () => help(false),
};

// A way to the first node that made a nan or an infinity.
function alarm() {
  const [first] = trace.problems;
  if (!first) return;
  at("alarm").hidden = false;
  at("alarm").append(`first ${first.what === "nan" ? "NaN" : "infinity"}: step ${first.step + 1}`);
  at("alarm").addEventListener("click", () => { pause(); go(first.step, { reveal: true, focus: new Set([first.node]) }); });
}

function listen() {
  const clicks = { first: KEYS.Home, back: KEYS.ArrowLeft, next: forward, last: KEYS.End, play: KEYS[" "], predict, theme, help: () => help(),
    closer: KEYS["+"], farther: KEYS["-"], fit: KEYS.f };
  for (const [id, action] of Object.entries(clicks))
    at(id).addEventListener("click", () => { if (!["play", "predict", "theme", "help"].includes(id)) pause(); action(); });
  at("slider").addEventListener("input", event => { pause(); go(Number(event.target.value), { reveal: true }); });
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    if (event.key === " " && event.target.closest?.("button, summary, [role=button]")) return;
    event.preventDefault();
    if (event.key.startsWith("Arrow") || ["Home", "End"].includes(event.key)) pause();
    KEYS[event.key]();
  });
  at("sums").addEventListener("click", event => { if (event.target.closest("[data-reveal]")) forward(); });
  at("grads").addEventListener("click", event => {
    const button = event.target.closest("[data-node]");
    if (button) goToNode([button.dataset.node]);
  });
  document.addEventListener("pointerdown", event => { if (!event.target.closest("#keys, #help")) help(false); });
  addEventListener("hashchange", () => go(fromHash()));
}

const fromHash = () => Number(/step=(\d+)/.exec(location.hash)?.[1] || 1) - 1;

async function start() {
  trace = await unpack(at("trace"));
  for (const array of trace.arrays) {
    array.values = numbers(array.values);
    array.rows = array.rows && array.rows.map(numbers);
    for (const name of ["min", "max", "mean", "norm"]) if (typeof array[name] === "string") array[name] = Number(array[name]);
  }
  nodes = new Map(trace.nodes.map(node => [node.id, node]));
  steps = trace.steps;
  problems = new Set(trace.problems.map(problem => problem.node));
  expected = new Map();  // how many gradients a node gets in one backward pass
  let counts = new Map();
  for (const step of steps) {
    if (step.kind === "seed") counts = new Map();
    if (step.kind !== "send") continue;
    counts.set(step.to, (counts.get(step.to) || 0) + 1);
    expected.set(step.to, Math.max(expected.get(step.to) || 0, counts.get(step.to)));
  }
  forwarded = new Set(steps.filter(step => step.kind === "forward").map(step => step.node));
  ranks = 1 + steps.reduce((most, step) => Math.max(most, step.rank || 0), 0);
  leaves = trace.nodes.filter(node => node.kind === "leaf");
  at("slider").max = steps.length - 1;
  graph = new Graph(trace, at("stage"), node => goToNode([node.id]));
  graph.changed = moduleChips;
  code = new Code(at("code"), found => goToNode(found.map(node => node.id)));
  gauge();
  alarm();
  moduleChips();
  listen();
  if (steps.length) go(fromHash(), { reveal: true });
  else at("sentence").textContent = "Nothing was recorded.";
  document.documentElement.dataset.ready = Math.round(performance.now());
}

start();
