/**
 * Formats US dollars, for example `$12.40`. Below one cent it shows four digits, and what these cannot show as `<$0.0001`, so that a small
 * amount does not read as free.
 */
export function dollars(amount: number): string {
  const size = Math.abs(amount);
  const text = `$${size.toFixed(size !== 0 && size < 0.01 ? 4 : 2)}`;
  if (text === '$0.0000') return amount < 0 ? '>-$0.0001' : '<$0.0001';
  return amount < 0 ? `-${text}` : text;
}
