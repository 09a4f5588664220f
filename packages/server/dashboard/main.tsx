import { type ComponentChildren, render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { BatchPage } from './pages/batch.tsx';
import { BatchesPage } from './pages/batches.tsx';
import { InstancesPage } from './pages/instances.tsx';
import { OffersPage } from './pages/offers.tsx';
import { ReaperPage } from './pages/reaper.tsx';
import { RunPage } from './pages/run.tsx';
import { RunsPage } from './pages/runs.tsx';
import { SpendPage } from './pages/spend.tsx';
import { Note, useTitle } from './parts.tsx';
import { keepToken, openSession, ServerProvider, type Session, takeToken } from './session.ts';
import { usePolled } from './use-polled.ts';

const pages = [
  ['/', 'Runs'],
  ['/batches', 'Batches'],
  ['/instances', 'Instances'],
  ['/offers', 'Offers'],
  ['/spend', 'Spend'],
  ['/orphans', 'Orphans'],
] as const;

function App() {
  const [token, setToken] = useState(takeToken);
  const session = useMemo(() => (token === undefined ? undefined : openSession(token)), [token]);
  if (session === undefined) return <SignIn onToken={setToken} />;
  return (
    <LocationProvider>
      <SignedIn session={session} onToken={setToken} />
    </LocationProvider>
  );
}

function SignedIn({ session, onToken }: { readonly session: Session; readonly onToken: (token: string) => void }) {
  const access = usePolled('access', () => session.client.getAccess(), 60_000);
  const { fleet, scope, temporalUrl } = access.data ?? {};
  const server = useMemo(() => ({ session, scope, temporalUrl }), [session, scope, temporalUrl]);
  if (access.data === undefined && access.error !== undefined)
    return <SignIn onToken={onToken} failure={access.error} />;
  const reads = scope !== 'run';
  return (
    <ServerProvider value={server}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/">
          gpu-clouds
        </a>
        <Navigation shown={reads ? pages : pages.filter(([path]) => path === '/' || path === '/offers')} />
        <span class="fleet">{fleet === undefined ? '' : `fleet ${fleet}`}</span>
      </header>
      <main id="main" tabIndex={-1}>
        <Router>
          <Route path="/" component={RunsPage} />
          <Route path="/runs/:id" component={RunPage} />
          <Route path="/batches" component={BatchesPage} />
          <Route path="/batches/:id" component={BatchPage} />
          <Route path="/instances" component={InstancesPage} />
          <Route path="/offers" component={OffersPage} />
          <Route path="/spend" component={SpendPage} />
          <Route path="/orphans" component={ReaperPage} />
          <Route default component={NotFound} />
        </Router>
      </main>
    </ServerProvider>
  );
}

function Navigation({ shown }: { readonly shown: readonly (readonly [string, string])[] }) {
  const { path } = useLocation();
  const isFirst = useMemo(() => ({ current: true }), []);
  // A screen reader hears the heading of the new page, as after a full load.
  useEffect(() => {
    if (!isFirst.current) document.querySelector('h1')?.focus();
    isFirst.current = false;
  }, [path]);
  return (
    <nav aria-label="Pages">
      {shown.map(([to, title]) => (
        <a
          key={to}
          href={to}
          aria-current={path === to || path.startsWith(to === '/' ? '/runs/' : `${to}/`) ? 'page' : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}

function SignIn({ onToken, failure }: { readonly onToken: (token: string) => void; readonly failure?: string }) {
  useTitle('Sign in');
  const [token, setToken] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    keepToken(token.trim());
    onToken(token.trim());
  };
  return (
    <main class="sign-in">
      <h1>gpu-clouds</h1>
      {failure === undefined ? null : <Note tone="bad">{failure}</Note>}
      <form onSubmit={submit}>
        <label class="field">
          <span>Token</span>
          <input
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={({ currentTarget: { value } }) => setToken(value)}
          />
        </label>
        <button type="submit">Open</button>
      </form>
      <p>
        Open the address that <code>gpu-clouds dashboard</code> prints, or paste a token of{' '}
        <code>gpu-clouds tokens add</code>.
      </p>
    </main>
  );
}

function NotFound(): ComponentChildren {
  useTitle('Not found');
  return (
    <>
      <h1 tabIndex={-1}>There is no such page</h1>
      <p>
        <a href="/">All runs</a>
      </p>
    </>
  );
}

const app = document.getElementById('app');
if (app !== null) render(<App />, app);
