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
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  syntaxHighlight: false, // its colours are too faint to read
  plugins: [{ wrapComponents: { TextArea: labelled } }],
});

/** The field for the request body, with a name for screen readers. */
function labelled(TextArea, { React }) {
  return (props) => React.createElement(TextArea, { 'aria-label': 'Request body', ...props });
}
