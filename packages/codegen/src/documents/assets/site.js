// What the pages can do beyond being read: choose a theme, copy code, filter the list of events.
const root = document.documentElement;
const themes = ["system", "light", "dark"];

function storedTheme() {
  try {
    return localStorage.getItem("theme") ?? "system";
  } catch {
    return "system";
  }
}

function applyTheme(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function addThemeButton() {
  const bar = document.querySelector(".bar");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "theme";
  let theme = storedTheme();
  const show = () => {
    button.textContent = `Theme: ${theme}`;
    applyTheme(theme);
  };
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Nothing can be kept here; the choice holds for this page.
    }
    show();
  });
  show();
  bar.append(button);
}

async function copyText(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    return "Selected: press Ctrl+C";
  }
}

function addCopyButton(figure) {
  const code = figure.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  const status = document.createElement("span");
  status.className = "quiet";
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    const result = await copyText(code);
    button.textContent = result;
    status.textContent = result;
    setTimeout(() => {
      button.textContent = "Copy";
      status.textContent = "";
    }, 2_000);
  });
  figure.querySelector("figcaption").append(button, status);
}

function filterEvents(words) {
  let found = 0;
  for (const group of document.querySelectorAll(".group")) {
    const name = group.querySelector("h2").textContent;
    let shown = 0;
    for (const row of group.querySelectorAll(".events > li")) {
      const text = `${name} ${row.textContent}`.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown++;
    }
    group.hidden = shown === 0;
    found += shown;
  }
  return found;
}

function enableSearch(form) {
  const input = form.querySelector("input");
  const status = form.querySelector("[role=status]");
  const total = document.querySelectorAll(".events > li").length;
  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = filterEvents(words);
    status.textContent = words.length === 0 ? "" : `${found} of ${total}`;
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", search);
  // A browser that comes back to the page may have kept what was typed.
  search();
}

// Before the first paint, so that nothing flashes in the other theme.
applyTheme(storedTheme());
document.addEventListener("DOMContentLoaded", () => {
  addThemeButton();
  for (const figure of document.querySelectorAll("figure.code")) addCopyButton(figure);
  const form = document.querySelector("form.search");
  if (form !== null) enableSearch(form);
});
