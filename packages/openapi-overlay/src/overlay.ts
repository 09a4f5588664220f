import type { Value } from './json.ts';
import type { SpecificationVersion } from './merge.ts';

/**
 * How reliable a patch's evidence is. A: the vendor's own code or documentation. B: two or more independent clients. C: one
 * client, or an inference. S: the published document itself.
 */
export type Grade = 'A' | 'B' | 'C' | 'S';

/** What an action does to the nodes it selects. */
export type Modifier =
  | { readonly kind: 'update'; readonly value: Value }
  | { readonly kind: 'copy'; readonly from: string }
  | { readonly kind: 'remove' }
  /** No modifier, only `remove: false`, or both `update` and `copy`: by the specification, the action changes nothing. */
  | { readonly kind: 'none' };

/** One entry of an overlay's `actions`, with the fields of the reusable action it refers to. */
export interface Action {
  /** Index in `actions`, from 0. */
  readonly index: number;
  /** The RFC 9535 query that selects nodes. */
  readonly target: string;
  /** What the action does to the selected nodes. */
  readonly modifier: Modifier;
  /** The fields among `update` and `copy` that have no effect by the specification, because of the action's other fields. */
  readonly withoutImpact: readonly string[];
  /** The specification's field for a comment. */
  readonly description?: string | undefined;
  /** `x-reason`: what is wrong in the published document. */
  readonly reason?: string | undefined;
  /** `x-evidence`: the source that shows it. */
  readonly evidence?: string | undefined;
  /** `x-grade`: how reliable the evidence is. */
  readonly grade?: Grade | undefined;
  /** `x-matches`: the number of nodes that the target must select. Default: 1. */
  readonly expectedMatches: number;
  /** Line of the action's target in the file, from 1. */
  readonly line?: number | undefined;
  /** Column of the action's target, from 1. */
  readonly column?: number | undefined;
}

/** A valid overlay document. */
export interface Overlay {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Version of the Overlay specification. */
  readonly version: SpecificationVersion;
  /** The overlay's metadata. */
  readonly info: {
    /** Title of the overlay. */
    readonly title: string;
    /** Version of the overlay, in any form. */
    readonly version: string;
    /** What the overlay is for. Overlay 1.1 and later. */
    readonly description?: string | undefined;
  };
  /** `$self`: the overlay's own URI, the base of `extends`. Overlay 1.2. */
  readonly self?: string | undefined;
  /** URI reference of the document that the overlay is for. */
  readonly extends?: string | undefined;
  /** The actions in the order in which they apply. */
  readonly actions: readonly Action[];
}
