// Turns on what the design system adds with JavaScript, again for each part that htmx brings.
const script = document.querySelector("script[data-govuk]");
document.body.classList.add("js-enabled", "govuk-frontend-supported");
const { initAll } = await import(script.dataset.govuk);
initAll();
document.body.addEventListener("htmx:afterSwap", (event) => initAll({ scope: event.target }));
// htmx notes the address of the page for its history, which is off: nothing about anybody stays in the browser.
const forget = () => sessionStorage.removeItem("htmx-current-path-for-history");
document.body.addEventListener("htmx:afterSettle", forget);
if (document.readyState === "complete") forget();
else window.addEventListener("load", forget);
