/** What is in the way of a broker would be in the way of every other way of starting it, too. */
export class Blocked extends Error {}
