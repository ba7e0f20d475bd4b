// What happens in this step: the sentence, the arithmetic with the numbers put into the rule's own source, and the rule.

const TITLES = {
  forward: "forward", seed: "backward begins", call: "a node runs", sum: "broadcasting is summed out", send: "a contribution is sent",
  skip: "nothing is sent", hook: "a hook", accumulate: "it lands in .grad", free: "saved values are freed",
  zero_grad: "gradients are cleared", step: "the optimizer steps",
};
const OPERATOR = { "*": "×", "-": MINUS, "+": "+", "/": "÷", "@": "@" };
const QUESTIONS = {
  forward: step => `What will ${nodeLabel(nodes.get(step.node))} be?`,
  sum: step => `What is left for ${nodeLabel(nodes.get(step.to))} once the copies are summed?`,
  send: step => `What does ${nodes.get(step.node).fn} send to ${nodeLabel(nodes.get(step.to))}?`,
  accumulate: step => `What will ${nodeLabel(nodes.get(step.node))}.grad be?`,
  step: () => "Where will the parameters be after the step?",
};

const sign = text => make("span", { class: "sign" }, text);
const word = text => make("span", { class: "word" }, text);

// Signs and words stay with the term that follows them, and commas with the one before, wherever the line breaks.
function equation(...parts) {
  const terms = [];
  for (const part of parts.flat()) {
    const comma = part.className === "sign" && part.textContent === ",";
    if (terms.at(-1)?.open || comma) terms.at(-1).parts.push(part);
    else terms.push({ parts: [part] });
    terms.at(-1).open = !comma && ["sign", "word"].includes(part.className);
  }
  return make("div", { class: "equation" }, ...terms.map(term => make("div", { class: "term" }, ...term.parts)));
}

// A rule's source with arrays in place of names: `grad * b` becomes [cells of grad] × [cells of b]. Where that would not be
// readable, the arrays and an arrow: the source itself stands below, in the rule.
function derived(source, operands, outcome) {
  const names = Object.keys(operands).filter(name => Number.isInteger(operands[name]));
  const tokens = source?.match(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\d[\d.]*(?:e-?\d+)?|\*\*|\s+|./g) || [];
  if (!tokens.some(token => names.includes(token.split(".")[0])) || source.includes("\n") || tokens.length > 32)
    return equation(listed(names.map(name => block(operands[name], name))), sign("→"), outcome);
  const parts = [], seen = new Set();
  let text = "";
  const flush = () => { if (text.trim()) parts.push(make("code", { class: "word" }, text.trim())); text = ""; };
  for (const token of tokens) {
    const [name, field] = token.split(/\.(.*)/);
    if (names.includes(name) && (!field || field === "T") && !seen.has(name)) {
      flush();
      seen.add(name);
      parts.push(block(operands[name], token, { transposed: field === "T" }));
    } else if (token in OPERATOR && !text.endsWith("(") && parts.length + text.length) {
      flush();
      parts.push(sign(OPERATOR[token]));
    } else text += typeof operands[token] === "string" && operands[token].length < 16 ? operands[token] : token;
  }
  flush();
  return equation(parts, sign("="), outcome);
}

const listed = blocks => blocks.flatMap((one, i) => i ? [sign(","), one] : [one]);

const result = (index, label, hidden) => block(index, label, { hidden });

function pips(id, waiting) {
  const total = expected.get(id) || 1, come = total - waiting;
  const dots = Array.from({ length: Math.min(total, 12) }, (_, i) => make("i", { class: i < come ? "full" : "" }));
  const text = waiting ? `${nodeLabel(nodes.get(id))} waits for ${waiting} more` : total > 1 ? `${nodeLabel(nodes.get(id))} has all ${total}` : "";
  return text ? make("p", { class: "pips" }, make("span", { class: "dots" }, ...dots), text) : null;
}

// The rows of arithmetic of a step.
const SUMS = {
  forward(step, hidden) {
    const node = nodes.get(step.node), blocks = [];
    for (const { id } of node.inputs) if (Number.isInteger(nodes.get(id)?.value)) blocks.push(block(nodes.get(id).value, nodeLabel(nodes.get(id))));
    if (!Number.isInteger(node.value)) return [];
    const infix = blocks.length === 2 && node.inputs.length === 2 && SYMBOL[node.op];
    const made = infix ? [blocks[0], sign(infix), blocks[1]] : [make("code", { class: "word" }, `${node.op} of`), ...listed(blocks)];
    return [equation(made, sign("="), result(node.value, node.name || "", hidden))];
  },
  seed: step => [equation(block(step.grad, "grad"))],
  call(step) {
    const node = nodes.get(step.node);
    const saved = node.saved.filter(value => Number.isInteger(value.array));
    return [
      equation(block(step.grad, `gradient of ${node.name || opText(node)}`)),
      saved.length ? make("div", { class: "saved" }, make("h3", {}, "saved in forward, used now"),
        make("div", { class: "equation" }, ...saved.map(value => block(value.array, value.name)))) : null,
    ];
  },
  sum(step, hidden) {
    const send = steps.find((other, i) => i > position && other.kind === "send" && other.node === step.node && other.input === step.input);
    return [
      send && derived(send.rule, send.operands, block(step.raw, "for every copy")),
      equation(block(step.raw, "for every copy"), word(`summed over ${step.axes.length > 1 ? "dimensions" : "dimension"} ${step.axes.join(", ")}`), sign("="),
        result(step.contribution, "contribution", hidden)),
    ];
  },
  send(step, hidden) {
    const to = nodes.get(step.to), label = nodeLabel(to);
    const share = result(step.contribution, `contribution to ${label}`, hidden);
    return [
      step.summed ? equation(block(step.raw, "for every copy"), word("summed"), sign("="), share) : derived(step.rule, step.operands, share),
      step.before === null ? null : equation(block(step.before, "arrived before"), sign("+"), result(step.contribution, "contribution", hidden), sign("="), result(step.after, `gradient of ${label} so far`, hidden)),
      pips(step.to, step.waiting),
    ];
  },
  skip: step => [make("p", { class: "reason" }, make("code", {}, step.why), nodeLabel(nodes.get(step.to)))],
  hook: step => [equation(block(step.before, "before"), sign("→"), block(step.after, "after the hook"))],
  accumulate(step, hidden) {
    const label = `${nodeLabel(nodes.get(step.node))}.grad`;
    if (step.before === null) return [equation(result(step.after, label, hidden))];
    return [equation(block(step.before, `${label} before`), sign("+"), block(step.contribution, "this time"), sign("="), result(step.after, label, hidden))];
  },
  free: step => [make("p", { class: "freed" }, ...step.names.map(name => make("s", {}, name)))],
  zero_grad: step => [make("p", { class: "freed" }, ...step.params.map(id => make("s", {}, `${nodeLabel(nodes.get(id))}.grad`)))],
  step: (step, hidden) => step.params.map(({ node, before, grad, after }) =>
    equation(block(before, nodeLabel(nodes.get(node))), word("with"), block(grad, "grad"), sign("→"), result(after, "after", hidden))),
};

function tell(step, hidden) {
  const node = nodes.get(step.node);
  const eyebrow = document.getElementById("eyebrow");
  eyebrow.className = PHASE[step.kind];
  eyebrow.replaceChildren(make("b", {}, TITLES[step.kind] || step.kind));
  if (node) eyebrow.append(make("code", {}, node.fn || nodeLabel(node)));
  if (node?.module) eyebrow.append(make("span", {}, `in ${node.module}`));
  if (step.kind === "call") eyebrow.append(make("span", {}, `${step.rank + 1} of ${ranks}`));
  document.getElementById("sentence").textContent = hidden ? QUESTIONS[step.kind](step) : step.text;
  const rows = (SUMS[step.kind] || (() => []))(step, hidden).filter(Boolean);
  const trouble = trace.problems.filter(problem => problem.step === position).map(problem => make("p", { class: "trouble" }, problem.text));
  document.getElementById("sums").replaceChildren(...trouble, ...rows);
  document.getElementById("rule").replaceChildren(...ruleCard(node, step));
}

// The operation's own source, line by line, with the line that is at work.
function ruleCard(node, step) {
  if (!node || node.kind !== "op") return [];
  const line = (name, source, active) => source ? make("div", { class: active ? "line active" : "line" }, make("span", {}, name), make("code", {}, ...(name === "forward" ? [source] : coloured(source)))) : null;
  const lines = [line("forward", node.formula, step.kind === "forward")];
  for (const [i, source] of Object.entries(node.rules || {}))
    lines.push(line(`grad_${node.inputs[i]?.name ?? i}`, source, (step.kind === "send" || step.kind === "sum") && step.input === Number(i)));
  const shown = lines.filter(Boolean);
  return shown.length ? [make("h3", {}, "the rule of ", make("code", {}, node.fn)), ...shown] : [];
}

// ---- all .grad so far

const gradRows = new Map();  // leaf -> its row and what it shows

function tellGrads(state, step) {
  const panel = document.getElementById("grads");
  if (!gradRows.size) {
    for (const leaf of leaves) {
      const row = make("li", { style: `min-height:${roomFor(leaf)}px` }, make("button", { "data-node": leaf.id, title: `Go to the next gradient of ${nodeLabel(leaf)}` },
        make("code", { class: "who" }, `${nodeLabel(leaf)}.grad`), make("span", { class: "shape" }, leaf.shape.length ? shapeText(leaf.shape) : "")), make("span"));
      gradRows.set(leaf.id, { row, shown: null });
    }
    panel.replaceChildren(make("h2", {}, "All .grad so far", make("span")), make("ul", {}, ...[...gradRows.values()].map(({ row }) => row)));
  }
  panel.querySelector("h2 span").textContent = `${leaves.filter(leaf => state.landed.has(leaf.id)).length} of ${leaves.length}`;
  for (const [id, entry] of gradRows) {
    const landed = state.landed.get(id), come = state.count.get(id) || 0, now = step.kind === "accumulate" && step.node === id;
    const shown = landed ?? (come ? expected.get(id) > 1 ? `${come} of ${expected.get(id)}` : "arriving" : "None");
    if (shown !== entry.shown) {
      entry.shown = shown;
      entry.row.lastChild.replaceWith(landed === undefined ? make("span", { class: "status" }, shown) : footprint(landed, nodes.get(id)));
    }
    if (entry.row.classList.contains("now") === now) continue;
    entry.row.classList.toggle("now", now);
    if (now && panel.scrollHeight > panel.clientHeight) panel.scrollTop = entry.row.offsetTop - panel.clientHeight / 2;
  }
}

const writtenOut = (array, rows, leaf) => array.values && rows.length <= 3 && 60 * rows[0]?.length + 8 * nodeLabel(leaf).length < 280;

// The height a row will need once its gradient is there, so that nothing moves when it comes.
function roomFor(leaf) {
  const last = steps.findLast(step => step.kind === "accumulate" && step.node === leaf.id);
  if (!last) return 46;
  const array = trace.arrays[last.after], rows = matrix(array);
  return Math.max(46, 9 + (writtenOut(array, rows, leaf) ? 20 * rows.length : 12 * Math.min(rows.length, 4)));
}

function footprint(index, leaf) {
  const array = trace.arrays[index], rows = matrix(array);
  const most = rows.slice(0, 4).map(row => row.slice(0, 12));
  const small = writtenOut(array, rows, leaf);
  return make("span", { class: "footprint", role: "img", "aria-label": inWords(array) }, small ? cells(array, most) : glance(most, 12),
    small ? null : make("span", { class: "size" }, `‖${digits(norm(array))}‖`));
}
