/** Environment variables of one item, before they are checked. */
export type Variables = Readonly<Record<string, unknown>>;

export interface VariableRow {
  readonly variables: Variables;
  /** Line in the file, from 1. */
  readonly line: number;
}

/** A file of items is malformed. The message says where and why. */
export class VariablesError extends Error {
  override readonly name = 'VariablesError';
}

/**
 * Parses CSV (RFC 4180) or JSON Lines, depending on the ending of the file name.
 * @throws {VariablesError} The file is malformed, or its name has another ending.
 */
export function variableRows(text: string, file: string): readonly VariableRow[] {
  const plain = text.replace(/^\uFEFF/, '');
  if (/\.csv$/i.test(file)) return csvRows(plain);
  if (/\.(jsonl|ndjson)$/i.test(file)) return jsonRows(plain);
  throw new VariablesError('the name of a file of items must end in .csv or .jsonl');
}

function jsonRows(text: string): readonly VariableRow[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    if (content.trim() === '') return [];
    const line = index + 1;
    const variables = parsed(content, line);
    if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) {
      throw new VariablesError(`line ${line} must be a mapping of variables, such as {"SEED": 1}`);
    }
    return [{ line, variables: { ...variables } }];
  });
}

function parsed(content: string, line: number): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new VariablesError(
      `line ${line} is not valid JSON; write one mapping of variables per line, such as {"SEED": 1}`,
    );
  }
}

function csvRows(text: string): readonly VariableRow[] {
  const [header, ...records] = csvRecords(text);
  if (header === undefined) throw new VariablesError('it is empty; the first line must name the variables');
  const twice = header.cells.find((name, index) => header.cells.indexOf(name) !== index);
  if (twice !== undefined) throw new VariablesError(`the first line names ${twice} twice`);
  return records.map(({ cells, line }) => {
    if (cells.length !== header.cells.length) {
      const values = cells.length === 1 ? '1 value' : `${cells.length} values`;
      const variables = header.cells.length === 1 ? '1 variable' : `${header.cells.length} variables`;
      throw new VariablesError(`line ${line} has ${values} for ${variables}`);
    }
    return { line, variables: Object.fromEntries(header.cells.map((name, index) => [name, cells[index]])) };
  });
}

interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Skips empty lines. Quoted cells may contain commas, line ends, and doubled quotes. */
function csvRecords(text: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  while (cell.lastIndex < text.length || cells.length > 0) {
    const match = cell.exec(text);
    if (match === null) throw new VariablesError(`line ${line} has a quote that is not closed, or text beside one`);
    const [whole, quoted, bare = '', end] = match;
    cells.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (cells.length > 1 || cells[0] !== '') records.push({ cells, line: start });
    cells = [];
    start = line;
  }
  return records;
}
