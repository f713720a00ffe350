/** What environments, services and pipelines have alike: plans, operations, ledger, cost, delivery. */
import {useState} from 'preact/hooks';
import {get, useDocument} from './api.js';
import {ErrorBox, Facts, Fields, LedgerRows, Loaded, State, Table, Time, html, readable} from './elements.js';
import {dollars, duration, link, number, outcome, words} from './format.js';

/** A listing of which the first page is read again, and further ones on request. */
export function Paged({path, seconds = 30, children}) {
  const first = useDocument(path, seconds);
  const [older, setOlder] = useState({path, items: [], next: undefined, error: null});
  const known = older.path === path ? older : {path, items: [], next: undefined, error: null};
  const next = known.next === undefined ? first.value?.next : known.next;
  async function more() {
    try {
      const page = await get(`${path}${path.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}`);
      setOlder({path, items: [...known.items, ...page.items], next: page.next ?? null, error: null});
    } catch (error) {
      setOlder({...known, error});
    }
  }
  return html`<${Loaded} of=${first}>${(page) => {
    const ids = new Set(page.items.map((item) => item.id ?? item.number));
    return html`
      ${children([...page.items, ...known.items.filter((item) => !ids.has(item.id ?? item.number))])}
      <${ErrorBox} error=${known.error} />
      ${next ? html`<button type="button" onClick=${more}>Show more</button>` : null}`;
  }}<//>`;
}

export function Ledger({path}) {
  return html`<${Paged} path="${path}/ledger?limit=30">${(items) => html`<${LedgerRows} items=${items} />`}<//>`;
}

export function Plans({path}) {
  return html`
    <p><a class="button" href="${link(path)}/plans">Plan a change …</a></p>
    <${Paged} path="${path}/plans?limit=20">${(items) => html`<${Table} label="Plans" columns=${['Plan', 'State', 'By', 'Changes', 'Cost']} empty="No plan yet."
      rows=${items.map((plan) => ({key: plan.id, cells: [
        html`<a href=${link(plan.self)}><${Time} at=${plan.createdAt} /></a>`, html`<${State} of=${plan.state} />`, plan.createdBy,
        plan.changes ? plan.changes.length + Object.keys(plan.release ?? {}).length + Object.keys(plan.settings ?? {}).length : null,
        plan.cost?.message]}))} />`}<//>`;
}

export function Operations({path}) {
  return html`<${Paged} path="${path}/operations?limit=20" seconds=${10}>${(items) => html`
    <${Table} label="Operations" columns=${['Operation', 'State', 'By', 'Ended', 'Why']} rows=${items.map((operation) => ({
      key: operation.id,
      cells: [html`<a href=${link(operation.self)}>${words(operation.type)} of <${Time} at=${operation.acceptedAt} /></a>`,
        html`<${State} of=${outcome(operation)} />`, operation.actor, html`<${Time} at=${operation.endedAt} />`,
        operation.failure ? html`${readable(operation.failure.detail)}<${Fields} of=${operation.failure.errors} /> ${readable(operation.failure.action)}` : null],
    }))} />`}<//>`;
}

export function Cost({path}) {
  const report = useDocument(`${path}/cost`);
  return html`<${Loaded} of=${report}>${({cost, dollarsPerMonth, mostDollarsPerMonth, services, waste}) => html`
    <p><strong>${dollars(dollarsPerMonth)} a month</strong>${mostDollarsPerMonth ? `, ${dollars(mostDollarsPerMonth)} with the most tasks` : ''}, and what is paid by use.</p>
    <${Table} label="Cost by part" columns=${['Part', 'How', 'A month']} rows=${cost.parts.map((part) => ({key: part.what, cells: [part.what, part.how, dollars(part.dollarsPerMonth)]}))} />
    ${services?.length ? html`<${Table} label="Cost by service" columns=${['Service', 'A month']}
      rows=${services.map((one) => ({key: one.service, cells: [html`<a href=${link(one.self)}>${one.service}</a>`, dollars(one.dollarsPerMonth)]}))} />` : null}
    ${waste?.length ? html`<ul>${waste.map((one) => html`<li>${one.message ?? one.what}</li>`)}</ul>` : null}
    ${cost.usage?.length ? html`<p>By use: ${cost.usage.map((use) => `${use.what}, $${use.dollars} per ${use.per}`).join('; ')}.</p>` : null}
    <p class="quiet">${cost.prices}</p>`}<//>`;
}

/** The four measures of DORA. */
export function Delivery({path}) {
  const metrics = useDocument(`${path}/dora`);
  return html`<${Loaded} of=${metrics}>${(dora) => html`
    <p class="quiet">From <${Time} at=${dora.from} /> to <${Time} at=${dora.to} />${dora.cut ? ', as far back as is read for an answer' : ''}.</p>
    <${Facts} of=${[
      ['Deployment frequency', `${dora.deploymentFrequency.deployments}, ${number(dora.deploymentFrequency.perDay, 2)} a day`],
      ['Lead time for changes', durations(dora.leadTime) ?? 'not known: no commit is'],
      ['Change failure rate', `${dora.changeFailureRate.failed} of ${dora.changeFailureRate.all}${
        dora.changeFailureRate.percent === undefined ? '' : `, ${number(dora.changeFailureRate.percent, 1)} %`}`],
      ['Time to restore service', durations(dora.timeToRestore) ?? 'nothing failed'],
    ]} />
    <details><summary>What is counted</summary><dl>${Object.entries(dora.definitions).map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl></details>`}<//>`;
}

function durations(of) {
  return of ? `${duration(of.medianSeconds)} in the median, 90 % within ${duration(of.p90Seconds)}` : null;
}

