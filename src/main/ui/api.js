/** The HTTP API, as the page asks it. Who calls is told by what the page is opened through; the page itself has no credentials. */
import {useCallback, useEffect, useRef, useState} from 'preact/hooks';

const TIMEOUT_SECONDS = 35;
const LONGEST_PAUSE_SECONDS = 60;

/** What the API has refused or could not do, as the problem document of its answer tells it. */
export class ApiError extends Error {
  /**
   * @param {number} status of the answer; 0 when there was none
   * @param {Object} problem the document, see Problem in the API's description
   */
  constructor(status, problem) {
    super(problem.detail);
    this.status = status;
    this.problem = problem;
  }
}

async function send(method, path, body, headers, signal) {
  const limit = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? headers : {'Content-Type': 'application/json', ...headers},
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (failure) {
    if (signal?.aborted) {
      throw failure;
    }
    const why = limit.aborted ? `No answer within ${TIMEOUT_SECONDS} seconds.` : 'Slipway does not answer.';
    throw new ApiError(0, {title: 'No answer', detail: why, action: 'Is `slipway dashboard`, or `make run`, still running?'});
  }
}

/** The answer's document. Throws ApiError for all but success. */
async function read(response) {
  const text = await response.text();
  let document = null;
  try {
    document = text ? JSON.parse(text) : null;
  } catch {
    // not ours: a proxy's page, say
  }
  if (response.ok && (document || !text)) {
    return document;
  }
  const problem = document?.detail ? document : {
    title: `Answer ${response.status}`,
    // API Gateway refuses in its own words.
    detail: document?.message ?? document?.Message ?? `The answer was ${response.status}, and not a document of Slipway's.`,
  };
  throw new ApiError(response.status, problem);
}

export async function get(path, signal) {
  return read(await send('GET', path, undefined, {Accept: 'application/json'}, signal));
}

/** Throws ApiError where it is refused; then nothing has begun. */
export async function post(path, body) {
  return read(await send('POST', path, body, {Accept: 'application/json'}));
}

/** All items of a listing, page by page; `more` is given what has come so far. */
export async function getAll(path, signal, more) {
  const items = [];
  let next = null;
  do {
    const query = next ? `${path.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}` : '';
    const page = await get(path + query, signal);
    items.push(...page.items);
    next = page.next ?? null;
    more?.({items: [...items]});
  } while (next);
  return {items};
}

/**
 * A document that is read again every so many seconds: less often while answers fail, and not while nobody looks. What was read last
 * stays while an answer fails.
 *
 * @param {?string} path null: nothing is read
 * @param {number} seconds 0: once
 * @param {function} reader get, or getAll for all pages of a listing
 * @return {{value: ?Object, error: ?ApiError, at: ?Date, refresh: function()}}
 */
export function useDocument(path, seconds = 0, reader = get) {
  const [state, setState] = useState({path, value: null, error: null, at: null});
  const refresh = useRef(() => {});
  useEffect(() => {
    if (!path) {
      return undefined;
    }
    const ended = new AbortController();
    let timer = 0;
    let failures = 0;
    let asking = false;
    setState((before) => (before.path === path ? before : {path, value: null, error: null, at: null}));
    async function look() {
      clearTimeout(timer);
      if (asking || document.hidden) {
        return; // asked again when the page is looked at
      }
      asking = true;
      try {
        const value = await reader(path, ended.signal, (part) =>
          setState((before) => (before.value ? before : {path, value: part, error: null, at: null})));
        failures = 0;
        setState({path, value, error: null, at: new Date()});
      } catch (error) {
        if (ended.signal.aborted) {
          return;
        }
        failures++;
        setState((before) => ({...before, path, error: error instanceof ApiError ? error : new ApiError(0, {title: 'Something failed', detail: String(error)})}));
      }
      asking = false;
      const pause = failures ? Math.min(LONGEST_PAUSE_SECONDS, Math.max(seconds, 2) * 2 ** (failures - 1)) : seconds;
      if (seconds) {
        timer = setTimeout(look, pause * 1000);
      }
    }
    refresh.current = look;
    const shown = () => look();
    document.addEventListener('visibilitychange', shown);
    look();
    return () => {
      ended.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [path, seconds, reader]);
  const again = useCallback(() => refresh.current(), []);
  return state.path === path ? {...state, refresh: again} : {value: null, error: null, at: null, refresh: again};
}

/** What IAM has said of a method and a path; asked once for each while the page is open. */
const permissions = new Map();

async function askPermission(method, path) {
  // A body that no operation takes: a Slipway that does not know the header refuses it, and does nothing.
  const response = await send(method, path, {permissionCheck: true}, {'Slipway-Permission-Check': 'true'});
  if (response.status !== 403) {
    return null;
  }
  const document = await response.json().catch(() => null);
  return document?.detail ?? document?.message ?? 'You may not do this.';
}

/**
 * Why the caller may not do it, in IAM's words; null where IAM does not refuse it, or has not been heard yet. What IAM lets pass, Slipway
 * may still refuse, and says why when it is asked.
 */
export function useRefusal(method, path) {
  const key = `${method} ${path}`;
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    let current = true;
    if (path) {
      if (!permissions.has(key)) {
        permissions.set(key, askPermission(method, path).catch(() => {
          permissions.delete(key);
          return null;
        }));
      }
      permissions.get(key).then((why) => current && setRefusal(why));
    }
    return () => {
      current = false;
    };
  }, [key]);
  return refusal;
}
