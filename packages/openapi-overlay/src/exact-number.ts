const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const yamlInteger = /^(?:[-+]?\d+|0x[\da-fA-F]+|0o[0-7]+)$/;
const yamlFloat = /^([-+]?)(\d*)(?:\.(\d*))?((?:[eE][-+]?\d+)?)$/;

/** A number whose text a JavaScript number does not keep: `9007199254740993`, `1.0`, `1e400`. */
export class ExactNumber {
  /** The number in JSON's notation. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest JavaScript number; infinite if there is none. */
  get nearest(): number {
    return Number(this.text);
  }

  /** True if a JavaScript number holds this integer exactly, or this fraction to its usual precision. */
  get fits(): boolean {
    if (/^-?\d+$/.test(this.text)) return BigInt(this.text) === toBigInt(this.nearest);
    return Number.isFinite(this.nearest) && (this.nearest !== 0 || decimalOf(this.text) === '0');
  }
}

/** True if both are the same number, however it is written. */
export function sameNumber(left: number | ExactNumber, right: number | ExactNumber): boolean {
  return decimalOf(textOf(left)) === decimalOf(textOf(right));
}

/** Returns the number in JSON's notation. */
export function textOf(value: number | ExactNumber): string {
  return value instanceof ExactNumber ? value.text : JSON.stringify(value);
}

/** Reads a number of JSON or YAML 1.2. Returns undefined for any other text, such as `.nan`. */
export function readNumber(source: string): number | ExactNumber | undefined {
  const text = jsonNumber.test(source) ? source : inJson(source);
  if (text === undefined) return undefined;
  const value = Number(text);
  return JSON.stringify(value) === text ? value : new ExactNumber(text);
}

function inJson(source: string): string | undefined {
  if (yamlInteger.test(source)) return BigInt(source).toString();
  const [, sign, whole = '', fraction = '', exponent = ''] = yamlFloat.exec(source) ?? [];
  if (`${whole}${fraction}` === '') return undefined;
  const unsigned = `${whole.replace(/^0+(?=\d)/, '') || '0'}.${fraction || '0'}${exponent}`;
  return sign === '-' ? `-${unsigned}` : unsigned;
}

function toBigInt(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt(value) : undefined;
}

/** Returns the same text for the same number: significant digits and the power of ten. */
function decimalOf(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) + BigInt(digits.length - significant.length - fraction.length);
  return `${sign}${significant}e${power}`;
}
