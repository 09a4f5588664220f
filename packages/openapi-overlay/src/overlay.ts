import type { JsonValue } from './json.ts';
import type { SpecificationVersion } from './merge.ts';

/**
 * How well a patch is proven. A: by the vendor's own code or documentation; B: by two or more independent clients; C: by one
 * client, or inferred; S: by the published document's own text.
 */
export type Grade = 'A' | 'B' | 'C' | 'S';

/** What an action does to the nodes it selects. */
export type Modifier =
  | { readonly kind: 'update'; readonly value: JsonValue }
  | { readonly kind: 'copy'; readonly from: string }
  | { readonly kind: 'remove' }
  /** No modifier, `remove: false` alone, or `update` and `copy` at once: by the standard such an action changes nothing. */
  | { readonly kind: 'none' };

/** One entry of an overlay's `actions`. */
export interface Action {
  /** Place in `actions`, counted from 0. */
  readonly index: number;
  /** RFC 9535 query. */
  readonly target: string;
  /** What it does to the nodes it selects. */
  readonly modifier: Modifier;
  /** The fields among `update` and `copy` that the action has but that, by the standard, have no impact beside its others. */
  readonly withoutImpact: readonly string[];
  /** The standard's own field for a remark. */
  readonly description?: string;
  /** `x-reason`: what is wrong with the published document. */
  readonly reason?: string;
  /** `x-evidence`: who says so, and where. */
  readonly evidence?: string;
  /** `x-grade` */
  readonly grade?: Grade;
  /** `x-matches`: how many nodes the target is to select. 1 where the overlay does not say. */
  readonly expectedMatches: number;
  /** Where the action's target stands in the file, counted from 1. */
  readonly line?: number;
  /** Where the target stands in its line, counted from 1. */
  readonly column?: number;
}

/** A valid overlay document. */
export interface Overlay {
  /** The name of the file, for messages. */
  readonly file: string;
  /** Version of the overlay specification. */
  readonly version: SpecificationVersion;
  /** What the overlay says of itself. */
  readonly info: {
    /** Names the overlay for people. */
    readonly title: string;
    /** Of the overlay, in whatever form its author counts; not that of the specification. */
    readonly version: string;
    /** What the patches are for, in its author's words. */
    readonly description?: string;
  };
  /** URI reference of the document that the overlay is for. */
  readonly extends?: string;
  /** In the order in which they are applied. */
  readonly actions: readonly Action[];
}
