/** The form: what is in it as a request, and what was wrong with it. The service alone judges what is right. */

/** Numbers are sent as numbers, and anything else as it was typed, for the service to say what it wants. */
const number = (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);

/** The body of `POST /rides`. */
export function bodyOf(form) {
  const { customer_id, lat, long, customer_email, payment_token } = Object.fromEntries(new FormData(form));
  return {
    customer_id,
    location: { lat: number(lat), long: number(long) },
    ...(customer_email !== '' && { customer_email }),
    ...(payment_token !== '' && { payment_token }),
  };
}

/** Shows each entry of a problem at its field, and goes to the first. */
export function showErrors(form, errors) {
  const details = new Map(errors.map(({ pointer, detail }) => [pointer?.split('/').at(-1), detail]));
  let first = null;
  for (const input of form.querySelectorAll('input, select')) {
    const detail = details.get(input.name);
    input.parentElement.querySelector('.wrong')?.remove();
    input.toggleAttribute('aria-invalid', false);
    if (!detail) continue;
    const note = Object.assign(document.createElement('span'), { className: 'wrong', textContent: detail });
    note.id = `e-${input.name}`;
    input.after(note);
    input.setAttribute('aria-invalid', 'true');
    first ??= input;
  }
  first?.focus();
}

/** The bearer token that was typed in, kept for this tab alone; empty when the service wants none. */
export const token = {
  get: () => sessionStorage.getItem('token') ?? '',
  set: (text) => sessionStorage.setItem('token', text.trim()),
  ask() {
    document.getElementById('token').hidden = false;
  },
};

/** The request as a line for a shell. */
export function asCurl(form) {
  const body = JSON.stringify(bodyOf(form)).replaceAll("'", String.raw`'\''`);
  const wanted = !document.getElementById('token').hidden;
  const bearer = wanted ? ' -H "authorization: Bearer $API_TOKEN"' : '';
  document.getElementById('curl').textContent =
    `curl -i -X POST ${location.origin}/rides -H 'content-type: application/json'${bearer} -d '${body}'`;
}
