/** An option, a file or an address that cannot be used; the message is for the person who gave it. */
export class BadInput extends Error {
  override name = 'BadInput';
}
