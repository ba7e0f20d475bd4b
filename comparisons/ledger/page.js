// Long tables: a click on a column's head sorts by it, a second one the other way; words and the box choose rows.
for (const box of document.querySelectorAll(".scroll.long")) {
  const body = box.querySelector("tbody"), heads = [...box.querySelectorAll("th")], rows = [...body.rows]
  const value = (row, i) => row.cells[i].dataset.value ?? row.cells[i].textContent
  const number = (text) => text === "inf" ? Infinity : Number(text)
  for (const [i, head] of heads.entries()) {
    head.tabIndex = 0
    const sort = () => {
      const way = head.ariaSort === "descending" ? "ascending" : "descending"
      for (const other of heads) other.removeAttribute("aria-sort")
      head.setAttribute("aria-sort", way)
      const numeric = rows.some((row) => "value" in row.cells[i].dataset)
      const compare = numeric ? (a, b) => number(value(a, i)) - number(value(b, i)) || 0 : (a, b) => value(b, i).localeCompare(value(a, i))
      body.append(...rows.sort((a, b) => way === "ascending" ? compare(a, b) : compare(b, a)))
    }
    head.addEventListener("click", sort)
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort() })
  }
  const tools = box.previousElementSibling
  if (!tools?.matches(".tools")) continue
  tools.hidden = false
  const [words, unequal] = tools.querySelectorAll("input"), count = tools.querySelector("output")
  const choose = () => {
    const wanted = words.value.toLowerCase().split(/\s+/)
    let shown = 0
    for (const row of rows) {
      const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase()
      const share = row.querySelector(".share")
      const differs = row.className !== "" || (share !== null && share.dataset.value !== "1.0")
      row.hidden = !wanted.every((word) => text.includes(word)) || (unequal.checked && !differs)
      shown += !row.hidden
    }
    count.textContent = `${shown.toLocaleString("en")} rows`
  }
  words.addEventListener("input", choose)
  unequal.addEventListener("change", choose)
}
