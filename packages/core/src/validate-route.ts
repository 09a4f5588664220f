import type { Operation, OperationTable } from './operation.ts';

/** Returns the operation of a request: the one whose template matches the end of the path with the fewest parameters. */
export function operationOf(
  operations: OperationTable,
  method: string,
  pathname: string,
): readonly [name: string, row: Operation] | undefined {
  const matching = Object.entries(operations).filter(
    ([, row]) => row.method === method && patternOf(row.path).test(pathname),
  );
  const [best] = matching.sort(([, one], [, other]) => parameters(one.path) - parameters(other.path));
  return best;
}

const parameters = (path: string) => path.split('{').length - 1;

function patternOf(path: string): RegExp {
  const source = path
    .split(/\{[^{}]+\}/)
    .map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
    .join('[^/]+');
  return new RegExp(`${source}/?$`);
}
