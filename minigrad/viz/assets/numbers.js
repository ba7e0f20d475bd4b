// Arrays as people read them: cells coloured by sign and size, three digits each; large ones by a summary and a look inside.

const MINUS = "−", CELLS_WIDE = 6, CELLS_HIGH = 8;
let ink;  // the theme's colours, for canvases
let lookInside = false;  // once opened, large arrays stay open from step to step

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

const shapeText = shape => shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;

function digits(value) {
  if (Number.isNaN(value)) return "nan";
  const size = Math.abs(value), sign = value < 0 ? MINUS : "";
  if (size === Infinity) return sign + "inf";
  if (size && (size < 0.001 || size >= 1e5)) return sign + size.toExponential(1).replace("e+", "e").replace("e-", "e" + MINUS);
  return sign + Number(size.toPrecision(size < 1000 ? 3 : 5));
}

// The numbers of an array that are there to be seen, as rows of a matrix: all of a small one, a corner of a large one.
function matrix(array) {
  if (array.rows) return array.rows;
  const { values, shape } = array;
  const columns = shape.length > 1 ? shape.at(-1) : Math.max(values.length, 1);
  const rows = [];
  for (let i = 0; i < values.length; i += columns) rows.push(values.slice(i, i + columns));
  return rows;
}

function indexText(array, row, column) {
  const lead = array.shape.slice(0, -1), index = [];
  if (!array.shape.length) return "";
  for (const size of lead.reverse()) { index.unshift(row % size); row = Math.floor(row / size); }
  return `[${[...index, column].join(", ")}]`;
}

const finite = rows => rows.flat().filter(Number.isFinite);
const largest = rows => finite(rows).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const norm = array => array.norm ?? (array.values ? Math.sqrt(sum(array.values.map(value => value * value))) : array.max);

function heat(value, most) {
  if (!Number.isFinite(value)) return { class: "cell bad" };
  const share = most ? Math.abs(value) / most : 0;
  return { class: value < 0 ? "cell minus" : "cell", style: `--heat:${(100 * share).toFixed(0)}%` };
}

function cells(array, rows) {
  const most = largest(rows), grid = make("div", { class: "cells", style: `--columns:${rows[0]?.length || 1}` });
  rows.forEach((row, r) => row.forEach((value, c) =>
    grid.append(make("span", { ...heat(value, most), title: `${indexText(array, r, c)} ${value}`.trim() }, digits(value)))));
  return grid;
}

// The same without digits, as a small picture.
function glance(rows, side = 10) {
  const most = largest(rows), picture = make("canvas", { class: "glance" }), [w, h] = [rows[0].length * side - 1, rows.length * side - 1];
  [picture.width, picture.height] = [2 * w, 2 * h];
  [picture.style.width, picture.style.height] = [`${w}px`, `${h}px`];
  const pen = picture.getContext("2d");
  pen.scale(2, 2);
  rows.forEach((row, r) => row.forEach((value, c) => {
    pen.fillStyle = ink.edge;
    pen.globalAlpha = 0.16;
    pen.fillRect(c * side, r * side, side - 1, side - 1);
    pen.fillStyle = Number.isFinite(value) ? value < 0 ? ink.minus : ink.plus : ink.alarm;
    pen.globalAlpha = Number.isFinite(value) ? most ? Math.abs(value) / most : 0 : 1;
    pen.fillRect(c * side, r * side, side - 1, side - 1);
  }));
  return picture;
}

// An array with its label above it, for an equation.
function block(index, label, { hidden = false, transposed = false } = {}) {
  const array = transposed ? transpose(trace.arrays[index]) : trace.arrays[index];
  if (!array) return make("span", { class: "none" }, "none");
  const figure = make("figure", { class: "block" }, make("figcaption", { class: "label" }, label));
  const shape = make("span", { class: "shape" }, array.shape.length ? shapeText(array.shape) : "");
  if (hidden) {
    figure.append(make("button", { class: "hidden", title: "Show the result", "data-reveal": "" }, "?"), shape);
    return figure;
  }
  const rows = matrix(array), small = array.values && rows.length <= CELLS_HIGH && (rows[0] || []).length <= CELLS_WIDE;
  figure.setAttribute("role", "group");
  figure.setAttribute("aria-label", `${label}, ${inWords(array)}`);
  figure.append(small ? cells(array, rows) : summary(array, rows), shape);
  return figure;
}

function summary(array, rows) {
  const flat = finite(rows);
  const { min = Math.min(...flat), max = Math.max(...flat) } = array;
  const facts = [`${digits(min)} … ${digits(max)}`];
  if (array.values || array.norm !== undefined) facts.unshift(`norm ${digits(norm(array))}`);
  if (array.nan) facts.push(`${array.nan} nan`);
  if (array.inf) facts.push(`${array.inf} inf`);
  const folded = array.shape.length > 1 ? rows : rows[0].length > 8 ? fold(rows[0], 8) : rows;
  const part = array.values ? "all values" : array.shape.length > 1 ? `the first ${rows.length} × ${rows[0].length}` : `the first ${rows[0].length}`;
  const button = make("button", { class: "inside", "aria-expanded": "false" }, "look inside"), inside = make("div");
  const open = yes => {
    lookInside = yes;
    button.setAttribute("aria-expanded", String(yes));
    inside.replaceChildren(...yes ? [make("div", { class: "scroll", tabindex: 0 }, cells(array, folded)), make("p", { class: "part" }, part)] : []);
  };
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") === "false"));
  if (lookInside) open(true);
  return make("div", { class: "summary" },
    make("div", { class: "overview" }, glance(folded.slice(0, 8).map(row => row.slice(0, 16))),
      make("p", { class: "facts" }, ...facts.map(fact => make("span", {}, fact)))),
    button, inside);
}

function fold(row, columns) {
  const rows = [];
  for (let i = 0; i < row.length; i += columns) rows.push(row.slice(i, i + columns));
  return rows;
}

function transpose(array) {
  const turned = rows => rows[0].map((_, c) => rows.map(row => row[c])), shape = [...array.shape].reverse();
  if (shape.length !== 2) return array;
  return { ...array, shape, values: array.values && turned(matrix(array)).flat(), rows: array.rows && turned(array.rows) };
}

function inWords(array) {
  const shape = array.shape.length ? `shape ${shapeText(array.shape)}` : "a number";
  const values = array.values && array.values.length <= 16 ? array.values.map(digits).join(", ") : `norm ${digits(norm(array))}`;
  return `${shape}: ${values}`;
}
