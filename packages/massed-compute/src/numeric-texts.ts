/** Properties that are strings in the document, but numbers in its examples and in some answers. */
const texts = new Set(
  'price_hr final_price_hr pricePerHour discountPercent rechargeThreshold rechargeAmount password'.split(' '),
);

/** Parses an answer, with the values of those properties as strings. */
export function parseWithTexts(text: string): unknown {
  return JSON.parse(text, (key, value) => (texts.has(key) && typeof value === 'number' ? String(value) : value));
}
