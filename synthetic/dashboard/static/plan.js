"use strict";
// Leaves of the plan only the rows that have all the words that are typed, wherever in the row.
// The server is not asked: there are too many words for it to make a page of each.
(() => {
  const field = document.getElementById("words");
  const opened = new Set(); // groups that were closed before

  const leave = (group, words) => {
    let count = 0;
    for (const row of group.querySelectorAll("tbody tr")) {
      const text = `${group.dataset.key} ${row.dataset.key} ${row.textContent}`.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) count += 1;
    }
    group.hidden = !count;
    if (words.length && count && !group.open) opened.add(group);
    if (opened.has(group)) group.open = words.length > 0;
    return count;
  };

  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const group of document.querySelectorAll("details.group")) count += leave(group, words);
    if (!words.length) opened.clear();
    field.parentElement.hidden = false;
    document.getElementById("shown").textContent = `${count} shown`;
  };

  field.addEventListener("input", filter);
  document.addEventListener("renewed", filter);
  filter();
})();
