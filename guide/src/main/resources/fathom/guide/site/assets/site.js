"use strict";
// Typesets the formulas, colours the code, and has the two buttons do what they say.
for (const formula of document.querySelectorAll(".math")) {
  katex.render(formula.textContent, formula, {
    displayMode: formula.classList.contains("display"),
    throwOnError: false,
  });
}
// No line begins with the full stop or the comma after a formula.
for (const formula of document.querySelectorAll("span.math")) {
  const after = formula.nextSibling;
  const mark = after?.nodeType === Node.TEXT_NODE ? after.data.match(/^[.,:;!?)]+/) : null;
  if (mark) {
    const together = document.createElement("span");
    together.className = "together";
    formula.replaceWith(together);
    together.append(formula, mark[0]);
    after.data = after.data.slice(mark[0].length);
  }
}
for (const code of document.querySelectorAll("pre code")) {
  if (code.classList.contains("language-java")) {
    hljs.highlightElement(code);
  }
}

const menu = document.getElementById("menu");
menu.addEventListener("click", () => {
  const open = document.body.classList.toggle("open");
  menu.setAttribute("aria-expanded", open);
});
document.getElementById("contents").addEventListener("click", (event) => {
  if (event.target.closest("a")) {
    document.body.classList.remove("open");
  }
});

// The system's scheme until the reader says otherwise.
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = getComputedStyle(root).getPropertyValue("--is-dark").trim() === "1";
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("fathom-theme", root.dataset.theme);
  } catch (e) {
    // Without a place to keep it the choice lasts for this page.
  }
});
