/** The files of one pull request that brings a vendor's new document. */
export interface Proposal {
  readonly vendor: string;
  /** Contains the digest of the document, so that a document is proposed once. */
  readonly branch: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly files: readonly ProposedFile[];
}

export interface ProposedFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

/** Whether a pull request about a vendor's document may contain a file. The one that writes does not trust the one that generates. */
export function isProposable(vendor: string, path: string): boolean {
  if (!/^[a-z0-9-]+$/.test(vendor) || path.split('/').includes('..')) return false;
  return (
    [`specs/${vendor}/`, `packages/${vendor}/src/generated/`].some((folder) => path.startsWith(folder)) ||
    [`packages/${vendor}/METHODS.md`, `packages/${vendor}/PATCHES.md`, `.changeset/${vendor}-document.md`].includes(
      path,
    )
  );
}

/** GitHub refuses longer bodies. */
const maxBodyLength = 60_000;

/**
 * Returns the body of a pull request.
 * @param said what `pnpm generate` printed. It quotes the vendor, so it is shown as text.
 */
export function proposalBody(vendor: string, url: string, said: string, fine: boolean): string {
  const next = fine
    ? 'All patches still apply. Review the changes under a patch, and edit the changeset so that it says what users notice.'
    : `Some patches need work. Check out this branch, correct \`specs/${vendor}/overlay.yaml\`, and run \`pnpm generate ${vendor}\`.`;
  const fence = '`'.repeat(3 + Math.max(0, ...[...said.matchAll(/`+/g)].map(([ticks]) => ticks.length)));
  const shown = said.length <= maxBodyLength ? said : `${said.slice(0, maxBodyLength)}\n…`;
  return `<${url}> has a new document.\n\n${next}\n\n${fence}text\n${shown}\n${fence}\n`;
}
