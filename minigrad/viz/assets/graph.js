// The graph: which boxes there are (a leaf once per use, a closed module as one box), their picture, and the camera.

const SVG = "http://www.w3.org/2000/svg", COLUMN = 0.602, NAME = 13, SMALL = 11, PAD = 12, BOX_HEIGHT = 62, BOX_LEAST = 84;
const MANY_BOXES = 300;  // beyond this modules start closed
const WINDOW = 160;  // and if they are more still, this many around the step are shown
const MARGIN = 24;
const CLOSEST = 2.5, LEGIBLE = 0.8;  // scales: nobody wants more, nobody can read less
const SYMBOL = { mul: "×", add: "+", sub: MINUS, div: "÷", neg: "−x", mm: "@", matmul: "@", bmm: "@", mv: "@", t: "transpose" };

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const shorten = (text, most) => text.length <= most ? text : "…" + text.slice(1 - most);
const width = (text, size) => text.length * COLUMN * size;
const opText = node => SYMBOL[node.op] || node.op;

const corner = box => `translate(${(box.x - box.w / 2).toFixed(1)} ${(box.y - box.h / 2).toFixed(1)})`;

// What a sentence calls a node: the student's own name for it, else its operation.
const nodeLabel = node => node?.name || (node?.kind === "op" ? node.op : node?.kind === "leaf" ? node.id : "constant");

// ---- from the trace to items and modules

// An item is an operation, or one use of a leaf or constant. Modules are runs of operations that follow each other in
// forward, so closing any of them leaves a graph without cycles.
function itemsOf(trace) {
  const items = new Map(), edges = [], modules = [];
  let open = [];
  const order = trace.nodes.filter(node => node.kind === "op").sort((a, b) => a.id.slice(1) - b.id.slice(1));
  for (const node of order) {
    const path = (node.module || "").split(".").filter(Boolean);
    let depth = 0;
    while (depth < open.length && open[depth].name === path[depth]) depth++;
    open = open.slice(0, depth);
    for (; depth < path.length; depth++) {
      const module = { key: `module${modules.length}`, name: path[depth], path: path.slice(0, depth + 1).join("."), parent: open.at(-1), size: 0, open: true };
      modules.push(module);
      open.push(module);
    }
    for (const module of open) module.size++;
    items.set(node.id, { key: node.id, node, parent: open.at(-1) });
  }
  for (const node of order)
    node.inputs.forEach(({ id }, i) => {
      const input = id && nodes.get(id);
      if (!input) return;
      const key = input.kind === "op" ? id : `${id}@${node.id}:${i}`;
      if (input.kind !== "op") items.set(key, { key, node: input, parent: items.get(node.id).parent });
      edges.push({ id: `${node.id}:${i}`, tail: key, head: node.id });
    });
  return { items, edges, modules };
}

function within(item, path) {
  for (let parent = item.parent; parent; parent = parent.parent) if (parent.path === path) return true;
  return false;
}

// ---- the picture

class Graph {
  constructor(trace, stage, pick) {
    Object.assign(this, itemsOf(trace), { stage, pick, changed: () => {}, boxes: new Map(), lines: [], scale: 1, x: 0, y: 0, manual: null });
    this.uses = new Map();
    for (const [, item] of this.items) if (item.node.kind !== "op") this.uses.set(item.node.id, (this.uses.get(item.node.id) || 0) + 1);
    this.large = this.items.size > MANY_BOXES;
    if (this.large) for (const module of this.modules) module.open = false;
    this.edgeLayer = draw("g"); this.boxLayer = draw("g");
    this.packet = draw("circle", { class: "packet", r: 4.5 });
    this.world = draw("g", { class: "world" }, this.edgeLayer, this.packet, this.boxLayer);
    stage.append(this.world);
    this.measureView();
    this.arrange();
    this.mix();
    this.listen();
  }

  // Asking the page for sizes makes it lay itself out, so a step asks for none. The stage's own size is in pixels, because
  // browsers lay out all text of an SVG again, at every change around it, where its size is a share.
  measureView() {
    const { clientWidth: w, clientHeight: h } = this.stage.parentNode;
    this.view = { w, h };
    this.stage.setAttribute("width", w);
    this.stage.setAttribute("height", h);
  }

  // The outermost closed module around an item, or the item itself.
  boxOf(key) {
    const item = this.items.get(key);
    let box = item;
    for (let module = item.parent; module; module = module.parent) if (!module.open) box = module;
    return box.key;
  }

  arrange() {
    this.where = new Map();  // box of each item
    let boxes = new Map();
    const lines = new Map();
    for (const item of this.items.values()) {
      const key = this.boxOf(item.key);
      this.where.set(item.key, key);
      if (!boxes.has(key)) boxes.set(key, this.measure(key, item));
      boxes.get(key).items.push(item);
    }
    this.total = boxes.size;
    const few = this.total <= MANY_BOXES;
    if (!few) boxes = this.around(boxes);
    document.getElementById("window").textContent = few ? "" : `${WINDOW} of ${this.total.toLocaleString("en")} boxes, around this step`;
    for (const edge of this.edges) {
      const tail = this.where.get(edge.tail), head = this.where.get(edge.head);
      if (tail === head || !boxes.has(tail) || !boxes.has(head)) continue;
      const key = edge.tail.includes("@") || tail === edge.tail && head === edge.head ? edge.id : `${tail}>${head}`;
      if (!lines.has(key)) lines.set(key, { key, tail, head, ids: [] });
      lines.get(key).ids.push(edge.id);
    }
    for (const [key, box] of this.boxes) {  // what stays keeps its element
      const next = boxes.get(key);
      if (next && box.element) for (const name of ["element", "strip", "dots", "look", "shown", "pips"]) next[name] = box[name];
      else box.element?.remove();
    }
    for (const line of this.lines) {
      const next = lines.get(line.key);
      if (next && line.element) Object.assign(next, { element: line.element, tip: line.tip });
      else if (line.element) { line.element.remove(); line.tip.remove(); }
    }
    this.boxes = boxes;
    this.lines = [...lines.values()];
    const list = [...boxes.values()], number = new Map(list.map((box, i) => [box.key, i]));
    const plan = layout(list, this.lines.map(line => [number.get(line.tail), number.get(line.head)]));
    list.forEach((box, i) => {
      [box.x, box.y] = plan.centres[i];
      if (box.element) box.element.setAttribute("transform", corner(box));
      else this.drawBox(box);
    });
    this.lineOf = new Map();
    this.lines.forEach((line, i) => {
      line.route = plan.routes[i];
      if (!line.element) this.drawLine(line);
      line.element.setAttribute("d", curve(line.route));
      for (const id of line.ids) this.lineOf.set(id, line);
    });
    this.width = plan.width;
    this.height = plan.height;
    if (this.state) this.colour();
  }

  // The window around the step. Boxes come in the order of forward, so neighbours there are neighbours in time.
  around(boxes) {
    const keys = [...boxes.keys()], at = Math.max(0, keys.indexOf(this.where.get(this.useOf(this.step?.node ?? keys[0], this.step))));
    const from = Math.max(0, Math.min(at - WINDOW / 2, keys.length - WINDOW)), kept = keys.slice(from, from + WINDOW);
    this.edge = new Set([...(from ? kept.slice(0, 12) : []), ...(from + WINDOW < keys.length ? kept.slice(-12) : [])]);
    return new Map(kept.map(key => [key, boxes.get(key)]));
  }

  measure(key, item) {
    if (key !== item.key) {
      let module = item.parent;
      while (module.key !== key) module = module.parent;
      const title = shorten(module.path, 22), subtitle = `${module.size} operation${module.size > 1 ? "s" : ""}`;
      return { key, module, title, subtitle, items: [], h: BOX_HEIGHT, w: Math.max(BOX_LEAST, width(title, NAME), width(subtitle, SMALL)) + 2 * PAD };
    }
    const node = item.node, name = node.name ? shorten(node.name, 20) : "";
    const op = node.kind === "op" ? shorten(opText(node), 20) : name ? "" : nodeLabel(node);
    const value = trace.arrays[node.value], subtitle = node.shape.length ? shapeText(node.shape) : value?.values ? digits(value.values[0]) : "number";
    const title = name && op ? `${name} = ${op}` : name || op;
    return { key, node, name, op, title, subtitle, items: [], h: BOX_HEIGHT, w: Math.max(BOX_LEAST - 2 * PAD, width(title, NAME), width(subtitle, SMALL)) + 2 * PAD };
  }

  drawLine(line) {
    line.element = draw("path", { class: "edge" });
    line.tip = draw("path", { class: "tip" });
    this.edgeLayer.append(line.element, line.tip);
  }

  drawBox(box) {
    const { w, h, node, module } = box;
    const kind = module ? "module" : node.kind;
    const round = kind === "leaf" || kind === "const" ? 14 : 8;
    const clip = draw("rect", { class: "body", width: w, height: h, rx: round });
    const title = draw("text", { class: "name", x: w / 2, y: 20 });
    if (module) title.append(box.title);
    else {
      if (box.name) title.append(draw("tspan", { class: "own" }, box.name));
      if (box.name && box.op) title.append(draw("tspan", { class: "op" }, ` = ${box.op}`));
      else if (box.op) title.append(box.op);
    }
    box.strip = draw("g", { class: "strip", transform: `translate(0 ${h - 20})` });
    box.dots = draw("g", { class: "dots" });
    box.element = draw("g", { class: `box ${kind}`, transform: corner(box), tabindex: 0, role: "button", "data-key": box.key },
      clip, draw("g", { class: "words" }, title, draw("text", { class: "shape", x: w / 2, y: 36 }, box.subtitle)), box.strip, box.dots);
    if (module) box.element.append(draw("path", { class: "more", d: `M${w - 15} 10h6m-3 -3v6` }));
    box.look = box.shown = box.pips = undefined;
    this.boxLayer.append(box.element);
  }

  // ---- what a step changes

  paint(state, step, focus) {
    this.state = state;
    this.step = step;
    this.focus = focus;
    if (this.large) this.follow(step);
    this.colour();
    this.look();
    requestAnimationFrame(() => this.send(this.step));
  }

  // In a large graph the module that is at work opens by itself, and closes behind.
  follow(step) {
    const item = this.items.get(step.node) || this.items.get(this.useOf(step.node, step));
    const around = new Set();
    for (let module = item?.parent; module; module = module.parent) if (module.size <= MANY_BOXES) around.add(module);
    let changed = false;
    for (const module of this.modules) {
      const open = around.has(module) || Boolean(module.pinned);
      if (module.open !== open) { module.open = open; changed = true; }
    }
    if (changed) this.changed();
    const box = this.where.get(this.useOf(step.node, step));
    if (changed || !this.boxes.has(box) || this.edge?.has(box)) this.arrange();
  }

  useOf(id, step) {
    if (this.items.has(id)) return id;
    if (step && step.to === id) return `${id}@${step.node}:${step.input}`;
    for (const key of this.items.keys()) if (key.startsWith(id + "@")) return key;
    return null;
  }

  colour() {
    const { state, step } = this;
    const target = step.to, nowEdge = step.input !== undefined && step.to ? `${step.node}:${step.input}` : null;
    for (const box of this.boxes.values()) {
      let look, array = null, id = null;
      if (box.module) {
        const ids = box.items.map(item => item.node.id);
        const now = ids.includes(step.node) || box.items.some(item => item.key.endsWith("@" + nowEdge));
        look = [now ? "now" : "", ids.some(i => state.called.has(i)) ? "done" : "", ids.some(i => this.ahead(i)) ? "unmade" : ""];
      } else {
        id = box.node.id;
        array = state.landed.get(id) ?? state.grad.get(id) ?? null;
        const waiting = state.grad.has(id) && !state.called.has(id) && (state.count.get(id) || 0) < (expected.get(id) || 0);
        const unmade = this.ahead(id);
        look = [id === step.node ? "now" : "", id === target ? "target" : "", waiting ? "waiting" : array !== null ? "got" : "",
          state.called.has(id) ? "done" : "", state.landed.has(id) ? "landed" : "", unmade ? "unmade" : "",
          this.focus?.has(id) ? "picked" : "", problems.has(id) ? "problem" : "", array !== null ? "filled" : ""];
        this.drawDots(box, id);
      }
      look = look.join(" ");
      if (look !== box.look) { box.look = look; box.element.setAttribute("class", `box ${box.module ? "module" : box.node.kind} ${look}`); }
      if (array === box.shown) continue;
      box.shown = array;
      this.drawStrip(box, array);
      box.element.setAttribute("aria-label", id ? `${nodeLabel(box.node)}, ${box.node.fn || "no gradient"}, ${inShort(array)}` : `Module ${box.module.path}, closed; open it`);
    }
    for (const line of this.lines) {
      const now = nowEdge && line.ids.includes(nowEdge), seen = line.ids.some(i => state.edges.get(i) === "seen"), skip = line.ids.every(i => state.edges.get(i) === "skip");
      const ahead = line.ids.every(i => this.ahead(i.split(":")[0]));
      const look = `${now ? "now" : ""} ${seen ? "seen" : ""} ${skip ? "skip" : ""} ${ahead ? "ahead" : ""}`;
      if (look === line.look) continue;
      line.look = look;
      line.element.setAttribute("class", `edge ${look}`);
      line.tip.setAttribute("class", `tip ${look}`);
      const [x, y] = seen ? line.route[0] : line.route.at(-1);  // data points to the right, gradients to the left
      line.tip.setAttribute("d", seen ? `M${x} ${y}l8 -4v8z` : `M${x} ${y}l-8 -4v8z`);
    }
  }

  // Whether an operation is still to come in forward.
  ahead(id) { return forwarded.has(id) && !this.state.made.has(id); }

  // The gradient at the foot of a box: its footprint in colour, and its size.
  drawStrip(box, index) {
    box.strip.replaceChildren();
    if (index === null || index === undefined) return;
    const array = trace.arrays[index], rows = matrix(array).slice(0, 4).map(row => row.slice(0, 8)), most = largest(matrix(array));
    const single = !array.shape.length || array.values?.length === 1;
    const text = digits(single ? rows[0][0] : norm(array));
    const room = box.w - 2 * 8 - 6 - width(text, SMALL);
    const cell = { w: single ? 12 : Math.min(7, room / rows[0].length), h: Math.min(12 / rows.length, 7) };
    const colours = cell.w * rows[0].length, all = colours + 6 + width(text, SMALL);
    let x = (box.w - all) / 2;
    const y = 7 - cell.h * rows.length / 2;
    rows.forEach((row, r) => row.forEach((value, c) => box.strip.append(draw("rect", {
      ...heat(value, most), x: (x + c * cell.w).toFixed(1), y: (y + r * cell.h).toFixed(1), width: (cell.w - 0.6).toFixed(1), height: (cell.h - 0.6).toFixed(1) }))));
    box.strip.append(draw("text", { class: "size", x: x + colours + 6, y: 11 }, text));
  }

  // One dot per gradient that a node waits for, filled once it has come; where they are many, a gauge.
  drawDots(box, id) {
    const total = expected.get(id) || 0, come = this.state.count.get(id) || 0;
    const pips = total > 1 && (this.state.count.has(id) || box.element.matches(".target")) ? `${come}/${total}` : "";
    if (pips === box.pips) return;
    box.pips = pips;
    box.dots.replaceChildren();
    if (!pips) return;
    if (total > 5) box.dots.append(...[["gauge", 36], ["gauge full", 36 * come / total]].map(([look, w]) =>
      draw("rect", { class: look, x: box.w - 48, y: -3, width: w, height: 6, rx: 3 })));
    else for (let i = 0; i < total; i++) box.dots.append(draw("circle", { class: i < come ? "dot full" : "dot", cx: box.w - 14 - 10 * (total - 1 - i), cy: 0, r: 3.2 }));
  }

  // The share that travels: a dot from the node to the input it is sent to.
  send(step) {
    const line = step.kind === "send" && this.lineOf.get(`${step.node}:${step.input}`);
    this.flight?.cancel();
    if (!line || calm()) return;
    this.packet.style.offsetPath = `path("${curve(line.route)}")`;
    this.flight = this.packet.animate([{ offsetDistance: "100%", opacity: 1 }, { offsetDistance: "0%", opacity: 1, offset: 0.9 }, { offsetDistance: "0%", opacity: 0 }],
      { duration: 620, easing: "cubic-bezier(.45,0,.3,1)" });
  }

  // ---- the camera

  focusBoxes() {
    const { step } = this, keys = [this.useOf(step.node, step)];
    if (step.to) keys.push(this.useOf(step.to, step));
    if (this.focus) for (const id of this.focus) keys.push(this.useOf(id));
    return keys.filter(Boolean).map(key => this.boxes.get(this.where.get(key))).filter(Boolean);
  }

  fitScale() {
    return Math.min((this.view.w - 2 * MARGIN) / this.width, (this.view.h - 2 * MARGIN) / this.height);
  }

  // Stay where we are while the step is well in sight; else bring it to the middle, and show no more emptiness than needed.
  look(always = false) {
    const { w, h } = this.view;
    if (!w || !h) return;
    const fit = this.fitScale(), scale = this.manual ?? (fit >= LEGIBLE ? Math.min(fit, 1.2) : 1);
    const boxes = this.focusBoxes();
    const [left, right] = boxes.length ? [Math.min(...boxes.map(b => b.x - b.w / 2)), Math.max(...boxes.map(b => b.x + b.w / 2))] : [0, this.width];
    const [top, bottom] = boxes.length ? [Math.min(...boxes.map(b => b.y - b.h / 2)), Math.max(...boxes.map(b => b.y + b.h / 2))] : [0, this.height];
    const axis = (now, low, high, from, to, world) => {
      const room = world * scale, size = to - from;
      if (room <= size) return from + (size - room) / 2;
      const inSight = scale === this.scale && low * scale + now > from + 0.08 * size && high * scale + now < to - 0.08 * size;
      if (inSight && !always) return now;
      return Math.min(from, Math.max(to - room, from + size / 2 - (low + high) / 2 * scale));
    };
    const x = axis(this.x, left, right, MARGIN, w - MARGIN, this.width), y = axis(this.y, top, bottom, MARGIN, h - MARGIN, this.height);
    this.move(x, y, scale);
  }

  move(x, y, scale, smooth = true) {
    const moved = x !== this.x || y !== this.y || scale !== this.scale;
    Object.assign(this, { x, y, scale });
    this.world.classList.toggle("smooth", smooth);
    if (moved || !this.world.style.transform) {
      this.world.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) scale(${scale.toFixed(4)})`;
    }
    this.drawMap();
  }

  zoom(factor, at = [this.view.w / 2, this.view.h / 2]) {
    const scale = Math.max(Math.min(this.fitScale(), LEGIBLE), Math.min(CLOSEST, this.scale * factor)), ratio = scale / this.scale;
    this.manual = scale;
    this.move(at[0] - (at[0] - this.x) * ratio, at[1] - (at[1] - this.y) * ratio, scale);
  }

  fit() {
    const whole = this.fitScale();
    this.manual = this.manual !== null && Math.abs(this.manual - whole) < 1e-6 ? null : whole;
    this.look(true);
  }

  // The colours of the theme, for what is drawn on a canvas.
  mix() {
    const style = getComputedStyle(this.stage);
    ink = Object.fromEntries(["edge", "accent", "landed", "plus", "minus", "alarm"].map(name => [name, style.getPropertyValue(`--${name}`)]));
    this.drawMap();
  }

  // Where in the whole we are: shown only when the graph is larger than its window.
  drawMap() {
    const canvas = document.getElementById("map"), { w, h } = this.view;
    const larger = this.width * this.scale > w || this.height * this.scale > h;
    canvas.hidden = !larger;
    if (!larger) return;
    const ratio = devicePixelRatio || 1, mapWidth = Math.min(220, w * 0.45), k = Math.min(mapWidth / this.width, 44 / this.height);
    const [cw, ch] = [Math.max(this.width * k, 60) + 8, this.height * k + 8];
    canvas.width = cw * ratio; canvas.height = ch * ratio;
    canvas.style.width = `${cw}px`; canvas.style.height = `${ch}px`;
    const pen = canvas.getContext("2d"), { edge: soft, accent, landed } = ink;
    pen.scale(ratio, ratio);
    pen.translate(4, 4);
    for (const box of this.boxes.values()) {
      const id = box.node?.id;
      const now = id && id === this.step?.node;
      pen.fillStyle = this.state?.landed.has(id) ? landed : now || this.state?.grad.has(id) ? accent : soft;
      pen.fillRect((box.x - box.w / 2) * k, (box.y - box.h / 2) * k, Math.max(box.w * k, 1.2), Math.max(box.h * k, 1.2));
    }
    pen.strokeStyle = accent;
    pen.lineWidth = 1.5;
    pen.strokeRect(Math.max(-this.x / this.scale * k, -3), Math.max(-this.y / this.scale * k, -3), Math.min(w / this.scale * k, cw - 2), Math.min(h / this.scale * k, ch - 2));
  }

  // Open or close modules; all of one path together, since a cell that runs thirty times is one cell to the reader.
  toggle(wanted, open) {
    for (const module of this.modules) if (wanted(module)) module.open = module.pinned = open;
    this.arrange();
    this.look(true);
    this.changed();
  }

  listen() {
    const { stage } = this;
    let from = null;
    stage.addEventListener("pointerdown", event => { from = { x: event.clientX, y: event.clientY, world: [this.x, this.y], moved: false }; });
    stage.addEventListener("pointermove", event => {
      if (!from || !event.buttons) return;
      const dx = event.clientX - from.x, dy = event.clientY - from.y;
      if (!from.moved && Math.hypot(dx, dy) < 5) return;
      from.moved = true;
      stage.setPointerCapture(event.pointerId);
      this.move(from.world[0] + dx, from.world[1] + dy, this.scale, false);
    });
    stage.addEventListener("pointerup", () => setTimeout(() => { from = null; }));
    stage.addEventListener("click", event => {
      const box = event.target.closest(".box");
      if (box && !from?.moved) this.choose(box.dataset.key);
    });
    stage.addEventListener("keydown", event => {
      const box = event.target.closest?.(".box");
      if (box && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); event.stopPropagation(); this.choose(box.dataset.key); }
    });
    stage.addEventListener("wheel", event => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) return this.zoom(Math.exp(-event.deltaY / 200), [event.offsetX, event.offsetY]);
      this.move(this.x - event.deltaX, this.y - event.deltaY, this.scale, false);
    }, { passive: false });
    const light = on => event => {
      const box = this.boxes.get(event.target.closest?.(".box")?.dataset.key);
      if (box?.node && box.node.kind !== "op" && this.uses.get(box.node.id) > 1) this.light(other => other.node === box.node, on);
    };
    for (const [type, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) stage.addEventListener(type, light(on));
    new ResizeObserver(() => { this.measureView(); if (this.state) this.look(true); }).observe(stage.parentNode);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.mix());
  }

  // What belongs together lights up together: the stubs of one leaf, the boxes of one module.
  light(kin, on) {
    for (const box of this.boxes.values()) box.element.classList.toggle("kin", on && kin(box));
  }

  choose(key) {
    const box = this.boxes.get(key);
    if (box?.module) {
      this.toggle(module => module === box.module, true);
      this.boxes.get(this.where.get(box.items[0].key))?.element.focus();
    } else if (box) this.pick(box.node);
  }
}

const inShort = index => index === null || index === undefined ? "no gradient yet" : `gradient, ${inWords(trace.arrays[index])}`;
