// Where the boxes go, from left to right. This is layout.py's algorithm, on its side: the page needs it itself, because it
// lays out anew whenever a module opens or closes. See layout.py for the why of each step; a test compares the two.

const GAP_ROW = 22, GAP_LAYER = 36, PORT = 16, ORDER_SWEEPS = 12, PLACE_SWEEPS = 16, MANY = 20000;

const sum = numbers => numbers.reduce((a, b) => a + b, 0);

// boxes: [{w, h}], edges: [[tail, head]]. Returns the centres, and per edge the points [x, y, slope] it passes.
function layout(boxes, edges) {
  const across = boxes.map(box => box.h), along = boxes.map(box => box.w);
  const depth = layers(boxes.length, edges);
  const chains = withBends(across, along, depth, edges);
  const before = across.map(() => []), after = across.map(() => []);
  for (const chain of chains)
    for (let i = 1; i < chain.length; i++) { before[chain[i]].push(chain[i - 1]); after[chain[i - 1]].push(chain[i]); }
  const rows = order(depth, before, after);
  const y = place(rows, across, before, after);
  const widths = rows.map(row => Math.max(...row.map(v => along[v])));
  const lefts = [0];
  for (const width of widths) lefts.push(lefts.at(-1) + width + GAP_LAYER);
  const x = depth.map(d => lefts[d] + widths[d] / 2);

  const ends = arrivals(chains, across, y);
  const routes = chains.map((chain, e) => {
    const tail = chain[0], head = chain.at(-1), bends = chain.slice(1, -1);
    const ys = [...chain.slice(0, -1).map(v => y[v]), ends[e]];
    const route = [[x[tail] + along[tail] / 2, ys[0], 0], [x[tail] + widths[depth[tail]] / 2, ys[0], 0]];
    bends.forEach((v, i) => {
      const half = widths[depth[v]] / 2;
      const slope = gentler(ys[i + 1] - ys[i], ys[i + 2] - ys[i + 1], 1.2 * GAP_ROW) / (2 * half + GAP_LAYER);
      route.push([x[v] - half, ys[i + 1] - slope * half, slope], [x[v] + half, ys[i + 1] + slope * half, slope]);
    });
    route.push([x[head] - widths[depth[head]] / 2, ends[e], 0], [x[head] - along[head] / 2, ends[e], 0]);
    return route;
  });
  return {
    centres: boxes.map((_, v) => [x[v], y[v]]), routes,
    width: Math.max(lefts.at(-1) - GAP_LAYER, 0), height: Math.max(0, ...across.map((h, v) => y[v] + h / 2)),
  };
}

function layers(count, edges) {
  const waiting = Array(count).fill(0), tails = Array.from({ length: count }, () => []), height = Array(count).fill(0);
  for (const [tail, head] of edges) { waiting[tail]++; tails[head].push(tail); }
  const ready = [];
  for (let v = 0; v < count; v++) if (!waiting[v]) ready.push(v);
  for (let i = 0; i < ready.length; i++)
    for (const tail of tails[ready[i]]) {
      height[tail] = Math.max(height[tail], height[ready[i]] + 1);
      if (!--waiting[tail]) ready.push(tail);
    }
  if (ready.length < count) throw new Error("layout: the graph has a cycle");
  const top = height.reduce((a, b) => Math.max(a, b), 0);
  return height.map(h => top - h);
}

function withBends(across, along, depth, edges) {
  const few = across.length + sum(edges.map(([tail, head]) => depth[head] - depth[tail] - 1)) < MANY;
  return edges.map(([tail, head]) => {
    const chain = [tail];
    for (let d = depth[tail] + 1; few && d < depth[head]; d++) {
      chain.push(across.length);
      across.push(0); along.push(0); depth.push(d);
    }
    return [...chain, head];
  });
}

function order(depth, before, after) {
  const rows = Array.from({ length: depth.reduce((a, b) => Math.max(a, b), -1) + 1 }, () => []);
  const stack = [...depth.keys()].filter(v => !after[v].length).reverse(), seen = new Set();
  while (stack.length) {
    const v = stack.pop();
    if (seen.has(v)) continue;
    seen.add(v);
    rows[depth[v]].push(v);
    stack.push(...before[v].slice().reverse());
  }
  let best = rows.map(row => row.slice()), fewest = crossings(rows, after);
  for (let sweep = 0; sweep < (fewest ? ORDER_SWEEPS : 0); sweep++) {
    const position = new Map(), note = row => row.forEach((v, i) => position.set(v, i));
    rows.forEach(note);
    const near = sweep % 2 ? before : after;
    for (const row of sweep % 2 ? rows : rows.slice().reverse()) {
      const centre = new Map(row.map(v => [v, near[v].length ? sum(near[v].map(u => position.get(u))) / near[v].length : position.get(v)]));
      row.sort((u, v) => centre.get(u) - centre.get(v));
      note(row);
    }
    const count = crossings(rows, after);
    if (count < fewest) { best = rows.map(row => row.slice()); fewest = count; }
  }
  return best;
}

function crossings(rows, after) {
  let total = 0;
  for (let d = 0; d + 1 < rows.length; d++) {
    const position = new Map(rows[d + 1].map((v, i) => [v, i])), seen = [];
    for (const v of rows[d]) {
      const ends = after[v].map(u => position.get(u)).filter(at => at !== undefined);
      for (const end of ends) total += seen.length - bisect(seen, end);
      for (const end of ends) seen.splice(bisect(seen, end), 0, end);
    }
  }
  return total;
}

function bisect(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < sorted[middle]) high = middle; else low = middle + 1;
  }
  return low;
}

function place(rows, across, before, after) {
  const y = across.map(() => 0), pull = across.map(() => 0);
  for (const row of rows)
    for (const v of row) {
      const behind = before[v].length ? Math.max(Math.min(30 * sum(before[v].map(u => pull[u])), 30000), 1) : 0.02;
      pull[v] = across[v] ? behind : 8 * behind;
    }
  const passes = rows.map(row => [row, row.slice(1).map((v, i) => (across[row[i]] + across[v]) / 2 + GAP_ROW)]);
  const back = passes.slice().reverse();
  for (let sweep = 0; sweep < PLACE_SWEEPS; sweep++) {
    let moved = 0;
    for (const [row, apart] of sweep % 2 ? passes : back) {
      const wishes = [], weights = [];
      for (const v of row) {
        let weight = 0, wish = 0;
        for (const u of before[v]) { weight += pull[u]; wish += pull[u] * y[u]; }
        for (const u of after[v]) { weight += pull[v]; wish += pull[v] * y[u]; }
        weights.push(weight || 1);
        wishes.push(wish / (weight || 1));
      }
      spread(wishes, weights, apart).forEach((at, i) => {
        moved = Math.max(moved, Math.abs(y[row[i]] - at));
        y[row[i]] = at;
      });
    }
    if (moved < 0.1) break;
  }
  const top = y.reduce((least, at, v) => Math.min(least, at - across[v] / 2), Infinity);
  return y.map(at => at - top);
}

function spread(wishes, weights, apart) {
  const offsets = [0];
  for (const distance of apart) offsets.push(offsets.at(-1) + distance);
  const pools = [];
  wishes.forEach((wish, i) => {
    let at = wish - offsets[i], weight = weights[i], count = 1;
    while (pools.length && pools.at(-1)[0] >= at) {
      const [other, otherWeight, others] = pools.pop();
      at = (other * otherWeight + at * weight) / (otherWeight + weight);
      weight += otherWeight;
      count += others;
    }
    pools.push([at, weight, count]);
  });
  return pools.flatMap(([at, , count]) => Array(count).fill(at)).map((at, i) => at + offsets[i]);
}

function arrivals(chains, across, y) {
  const groups = new Map(), ends = [];
  chains.forEach((chain, i) => groups.set(chain.at(-1), [...(groups.get(chain.at(-1)) || []), i]));
  for (const [head, group] of groups) {
    const from = i => y[chains[i].at(-2)];
    group.sort((i, j) => from(i) - from(j));
    const reach = Math.max(across[head] / 2 - PORT, 0);
    const wishes = group.map(i => Math.max(y[head] - reach, Math.min(y[head] + reach, from(i))));
    spread(wishes, group.map(() => 1), group.slice(1).map(() => PORT)).forEach((end, k) => { ends[group[k]] = end; });
  }
  return ends;
}

function gentler(before, after, most) {
  const lean = Math.min(Math.abs(before), Math.abs(after), most);
  return before * after <= 0 ? 0 : Math.sign(before) * lean;
}

// A smooth line through the points of a route: a cubic Hermite spline over x.
function curve(route) {
  let [x, y, slope] = route[0], path = `M${x.toFixed(1)} ${y.toFixed(1)}`;
  for (const [toX, toY, toSlope] of route.slice(1)) {
    const half = (toX - x) / 2;
    if (half) path += y === toY && !slope && !toSlope ? `H${toX.toFixed(1)}`
      : `C${(x + half).toFixed(1)} ${(y + slope * half).toFixed(1)} ${(x + half).toFixed(1)} ${(toY - toSlope * half).toFixed(1)} ${toX.toFixed(1)} ${toY.toFixed(1)}`;
    [x, y, slope] = [toX, toY, toSlope];
  }
  return path;
}
