// The student's code: the line at work, and under it the very expression.

const QUOTES = /"""|'{3}/;
const WORDS = /(#.*)|("""(?:(?!""").)*(?:""")?|'{3}(?:(?!'{3}).)*(?:'{3})?|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b(def|class|return|for|in|if|else|elif|while|with|as|import|from|lambda|not|and|or|None|True|False|pass|raise|try|except|assert|is|yield)\b/g;

// A line in colour. `inString`: whether it begins within a string of several lines.
function coloured(text, inString = false) {
  const parts = [], end = QUOTES.exec(text);
  let at = !inString ? 0 : end ? end.index + 3 : text.length;
  if (at) parts.push(make("span", { class: "string" }, text.slice(0, at)));
  WORDS.lastIndex = at;
  for (let match; (match = WORDS.exec(text));) {
    parts.push(text.slice(at, match.index), make("span", { class: match[1] ? "comment" : match[2] ? "string" : "keyword" }, match[0]));
    at = match.index + match[0].length;
  }
  WORDS.lastIndex = 0;
  return [...parts, text.slice(at)].filter(Boolean);
}

// A file without its folder. The cells of a notebook are files whose names are numbers.
const shortName = file => /ipykernel_\d+[\\/]\d+\.py$/.test(file) ? "a cell of the notebook" : file.split(/[\\/]/).at(-1);

// Python counts columns in bytes of UTF-8.
const characters = (source, bytes) => new TextDecoder().decode(new TextEncoder().encode(source).slice(0, bytes)).length;

class Code {
  constructor(panel, choose) {
    this.panel = panel;
    this.choose = choose;
    this.files = trace.source.files;
    this.byLine = new Map();
    for (const node of trace.nodes) {
      if (!node.code) continue;
      const key = `${node.code.file}:${node.code.line}`;
      this.byLine.set(key, [...(this.byLine.get(key) || []), node]);
    }
    this.name = make("h2");
    this.text = make("div", { class: "lines", role: "list" });
    panel.append(this.name, this.text);
    this.active = [];
    this.line = 1;
    this.rows = [];
    panel.addEventListener("click", event => this.take(event.target.closest("[data-line]")));
    panel.addEventListener("keydown", event => {
      const line = event.target.closest("[data-line]");
      if (line && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); event.stopPropagation(); this.take(line); }
    });
    this.text.addEventListener("scroll", () => { this.scrolled = this.text.scrollTop; }, { passive: true });
    new ResizeObserver(() => { this.measure(); this.follow(); }).observe(this.text);
    const first = trace.nodes.find(node => node.code)?.code.file;
    if (first) this.open(first);
    else panel.hidden = true;
  }

  take(line) {
    const found = line && this.byLine.get(`${this.file}:${line.dataset.line}`);
    if (found) this.choose(found);
  }

  open(file) {
    this.file = file;
    this.name.replaceChildren(make("code", { title: file }, shortName(file)));
    let quotes = 0;
    this.rows = this.files[file].map((source, i) => {
      const inString = quotes % 2 === 1;
      quotes += source.split(QUOTES).length - 1;
      const found = this.byLine.get(`${file}:${i + 1}`);
      return make("div", { class: found ? "row has" : "row", role: found ? "button" : null, tabindex: found ? 0 : null, "data-line": i + 1,
        title: found ? `Show ${found.length > 1 ? `the ${found.length} nodes` : "the node"} of this line` : null },
        make("span", { class: "number", "aria-hidden": "true" }, String(i + 1)), make("span", { class: "source" }, ...coloured(source, inString)));
    });
    this.text.replaceChildren(make("div", { class: "sheet" }, ...this.rows));
    this.active = [];
    this.text.scrollTop = 0;
    this.measure();
  }

  measure() {
    this.step = this.rows[0]?.offsetHeight || 20;
    this.height = this.text.clientHeight;
    this.scrolled = this.text.scrollTop;
  }

  // Open the code of a node; `marked`: and mark it.
  show(code, marked = true) {
    for (const [row, source] of this.active) {
      row.classList.remove("active");
      row.querySelector(".source").replaceChildren(...coloured(source));
    }
    this.active = [];
    if (!code || !this.files[code.file]) return;
    if (code.file !== this.file) this.open(code.file);
    const last = code.end_line ?? code.line;
    for (let line = code.line; marked && line <= last; line++) {
      const row = this.rows[line - 1], source = this.files[code.file][line - 1];
      if (!row) continue;
      row.classList.add("active");
      if (code.col !== null && code.col !== undefined) {
        const from = line === code.line ? characters(source, code.col) : source.length - source.trimStart().length;
        const to = line === last ? characters(source, code.end_col) : source.length;
        row.querySelector(".source").replaceChildren(...coloured(source.slice(0, from)), make("u", {}, ...coloured(source.slice(from, to))), ...coloured(source.slice(to)));
      }
      this.active.push([row, source]);
    }
    this.line = code.line;
    this.follow();
  }

  // Keep the line in sight; its place is reckoned, not asked of the page, which would make it lay itself out.
  follow() {
    const top = (this.line - 1) * this.step;
    if (top >= this.scrolled + this.step && top <= this.scrolled + this.height - 2 * this.step) return;
    this.scrolled = Math.max(0, top - this.height / 2 + this.step);
    this.text.scrollTop = this.scrolled;
  }
}
