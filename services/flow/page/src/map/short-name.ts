/** A customer in at most four characters, for below a mark: `u17` of `user_17`, `1234` of `user_1234`, `ali` of `alice`. Pure. */
export function shortName(customer: string): string {
  const digits = /\d+$/.exec(customer)?.[0];
  if (!digits) return customer.slice(0, 3);
  return digits.length < 4 && digits.length < customer.length ? customer[0] + digits : digits.slice(-4);
}
