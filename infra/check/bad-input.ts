/** An unusable option, file or address. The message is for the person who gave it. */
export class BadInput extends Error {
  override name = 'BadInput';
}
