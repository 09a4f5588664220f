/** Texts in the document that its examples, and some answers, have as numbers. */
const texts = new Set([
  ...['price_hr', 'final_price_hr', 'pricePerHour', 'discountPercent'],
  ...['rechargeThreshold', 'rechargeAmount', 'password'],
]);

/** Parses an answer, with those texts as texts. */
export function withTexts(text: string): unknown {
  return JSON.parse(text, (key, value) => (texts.has(key) && typeof value === 'number' ? String(value) : value));
}
