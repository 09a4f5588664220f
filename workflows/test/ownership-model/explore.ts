import type { Decisions } from './decisions.ts';
import { type Bounds, movesFrom } from './moves.ts';
import { settle } from './settle.ts';
import { initialStates, keyOf, type State } from './state.ts';

/** A broken promise, and the shortest way to it. */
export interface Counterexample {
  readonly promise: string;
  readonly path: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly moves: number;
  /** Undefined if every promise holds in every state. */
  readonly counterexample: Counterexample | undefined;
}

interface Node {
  readonly state: State;
  readonly label: string;
  readonly parent: Node | undefined;
}

/** Visits every state that can be reached, nearest first, until a promise is broken. */
export function explore(decisions: Decisions, bounds: Bounds): Exploration {
  const seen = new Set<string>();
  const queue: Node[] = [];
  let moves = 0;
  const visit = (node: Node) => {
    const key = keyOf(node.state);
    if (seen.has(key)) return;
    seen.add(key);
    queue.push(node);
  };
  for (const state of initialStates(bounds.faults)) visit({ state, label: 'start', parent: undefined });
  for (let next = 0; next < queue.length; next += 1) {
    const node = queue[next];
    if (node === undefined) break;
    // Every other state leads to one of these without a fault.
    const promise = node.state.broken ?? (node.state.now === bounds.ticks ? settle(node.state, decisions) : undefined);
    if (promise !== undefined) return { states: seen.size, moves, counterexample: { promise, path: pathTo(node) } };
    for (const [label, state] of movesFrom(node.state, bounds, decisions)) {
      moves += 1;
      visit({ state, label, parent: node });
    }
  }
  return { states: seen.size, moves, counterexample: undefined };
}

function pathTo(node: Node): readonly string[] {
  const path: string[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) path.unshift(at.label);
  return path;
}
