/** An error that every way of starting the broker would hit, so no other way is tried. */
export class Blocked extends Error {}
