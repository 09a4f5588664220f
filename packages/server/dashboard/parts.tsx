import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { words } from './format.ts';
import { messageOf, type Polled } from './use-polled.ts';

const tones: Readonly<Record<string, 'good' | 'bad' | 'warn' | 'over'>> = {
  succeeded: 'good',
  released: 'good',
  ready: 'good',
  failed: 'bad',
  terminated: 'bad',
  'cap-reached': 'warn',
  stopped: 'warn',
  cancelled: 'warn',
  destroying: 'warn',
  waiting: 'warn',
  'teardown stuck': 'bad',
  gone: 'over',
  skipped: 'over',
};

/** A state in words and color. What is not over is blue. */
export function Chip({ state }: { readonly state: string }) {
  return <span class={`chip ${tones[state] ?? 'live'}`}>{words(state)}</span>;
}

/** A heading of a page, what is beside it, and when its data arrived. */
export function PageHeader(props: {
  readonly title: ComponentChildren;
  readonly polled: Polled<unknown>;
  readonly children?: ComponentChildren;
}) {
  const { title, polled, children } = props;
  return (
    <header class="page-header">
      <h1 tabIndex={-1}>{title}</h1>
      {children}
      <LastUpdated polled={polled} />
    </header>
  );
}

function LastUpdated({ polled: { at, error, refresh } }: { readonly polled: Polled<unknown> }) {
  return (
    <p class="updated">
      <span>
        {at === undefined ? 'Loading …' : `Updated ${new Date(at).toLocaleTimeString()}`}{' '}
        <span role="status" class="bad-text">
          {error !== undefined && at !== undefined ? 'The latest update failed.' : ''}
        </span>
      </span>
      <button type="button" class="quiet" onClick={refresh}>
        Refresh
      </button>
    </p>
  );
}

/** The data once it is there, and why it is not. */
export function Loaded<T>(props: { readonly polled: Polled<T>; readonly children: (data: T) => ComponentChildren }) {
  const { data, error } = props.polled;
  return (
    <>
      {error === undefined ? null : <Note tone="bad">{error}</Note>}
      {data === undefined ? null : props.children(data)}
    </>
  );
}

export function Note(props: { readonly tone?: 'bad' | 'warn'; readonly children: ComponentChildren }) {
  return (
    <p class={`note ${props.tone ?? ''}`} role={props.tone === 'bad' ? 'alert' : undefined}>
      {props.children}
    </p>
  );
}

/** A column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly numeric?: boolean;
}

/** A table, which on a narrow screen shows each row as a card. */
export function Table<T>(props: {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly empty: string;
  readonly rowKey: (row: T, index: number) => string;
}) {
  const { caption, columns, rows, empty, rowKey } = props;
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <table>
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ title, numeric }) => (
            <th key={title} scope="col" class={numeric ? 'numeric' : ''}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={rowKey(row, index)}>
            {columns.map(({ title, cell, numeric }) => (
              <td key={title} data-title={title} class={numeric ? 'numeric' : ''}>
                <div>{cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A number that matters, with its meaning. */
export function Figure(props: {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly detail?: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{props.label}</dt>
      <dd>
        <strong>{props.value}</strong>
        {props.detail === undefined ? null : <small>{props.detail}</small>}
      </dd>
    </div>
  );
}

/** A button that does nothing until the person confirms it. Says what follows, and what the server answered. */
export function ConfirmedButton(props: {
  readonly label: string;
  readonly question: string;
  readonly meaning: string;
  readonly act: () => Promise<unknown>;
  readonly onDone: () => void;
}) {
  const { label, question, meaning, act, onDone } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<string>();
  const confirm = async () => {
    setFailure(undefined);
    try {
      await act();
      dialog.current?.close();
      onDone();
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={question}>
        <h2>{question}</h2>
        <p>{meaning}</p>
        {failure === undefined ? null : <Note tone="bad">{failure}</Note>}
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="button" class="danger" onClick={confirm}>
            {label}
          </button>
        </p>
      </dialog>
    </>
  );
}

/** A field of a filter, which is applied when it is left or Enter is pressed. */
export function Field(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly choices?: readonly (readonly [value: string, label: string])[];
}) {
  const { label, value, onChange, hint, choices } = props;
  const changed = (event: { readonly currentTarget: { readonly value: string } }) =>
    onChange(event.currentTarget.value);
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: one of the two controls is inside
    <label class="field">
      <span>{label}</span>
      {choices === undefined ? (
        <input value={value} placeholder={hint} onChange={changed} />
      ) : (
        <select value={value} onChange={changed}>
          {choices.map(([choice, text]) => (
            <option key={choice} value={choice}>
              {text}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}

/** Sets the title of the document. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · gpu-clouds`;
  }, [title]);
}
