import { Pair, Scalar, stringify, YAMLMap, YAMLSeq } from 'yaml';
import { needsQuotes } from './document.ts';
import { ExactNumber } from './exact-number.ts';
import { isObject, type Value } from './json.ts';

/** Returns YAML nodes for a value. */
export function nodeOf(value: Value): Scalar | YAMLMap | YAMLSeq {
  if (typeof value === 'string') return textNode(value);
  if (value instanceof ExactNumber) {
    const number = new Scalar(value.nearest);
    number.source = value.text;
    return number;
  }
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    list.items = value.map(nodeOf);
    list.flow = value.length === 0;
    return list;
  }
  if (!isObject(value)) return new Scalar(value);
  const map = new YAMLMap();
  map.items = Object.entries(value).map(([key, item]) => new Pair(textNode(key), nodeOf(item)));
  map.flow = map.items.length === 0;
  return map;
}

/** A string that YAML 1.1 readers understand too: dates and words such as `on` are quoted. */
export function textNode(text: string): Scalar<string> {
  const node = new Scalar(text);
  if (needsQuotes.test(text)) node.type = 'QUOTE_DOUBLE';
  else if (stringify(text, { compat: 'yaml-1.1', singleQuote: true }).startsWith("'")) node.type = 'QUOTE_SINGLE';
  return node;
}
