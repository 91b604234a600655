/** Shows /openapi.json, and tries it on the process that serves this page. */
const dark = matchMedia('(prefers-color-scheme: dark)');
const followTheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', followTheme);
followTheme();

const spec = await (await fetch('/openapi.json')).json();
// Whatever port or name this process has.
spec.servers = [{ url: location.origin }];
window.SwaggerUIBundle({
  spec,
  dom_id: '#api',
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
