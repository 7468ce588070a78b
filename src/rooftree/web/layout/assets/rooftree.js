// Turns on what the design system adds with JavaScript, again for each part that htmx brings.
const script = document.querySelector("script[data-govuk]");
document.body.classList.add("js-enabled", "govuk-frontend-supported");
const { initAll } = await import(script.dataset.govuk);
initAll();
document.body.addEventListener("htmx:afterSwap", (event) => initAll({ scope: event.target }));
