/** All fields that a spec may have, read when somebody wants them. */
import {useState} from 'preact/hooks';
import {useDocument} from './api.js';
import {Loaded, Table, html} from './elements.js';

/** Fields of a schema with those inside them, as [path, schema, whether it must be there]. */
function fields(schema, path = '') {
  const {properties = {}, required = []} = schema.items ?? schema;
  return Object.entries(properties).flatMap(([name, of]) => {
    const own = `${path}${name}`;
    return [[own, of, required.includes(name)], ...fields(of, `${own}${of.items ? '[]' : ''}.`)];
  });
}

/** What values are right, as far as the schema tells. */
function right({enum: choices, minimum, exclusiveMinimum, maximum, type}) {
  if (choices) {
    return choices.join(', ');
  }
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`);
  return least !== undefined && maximum !== undefined ? `${least} to ${maximum}` : least !== undefined ? `at least ${least}` : type === 'boolean' ? 'true, false' : null;
}

function standard(of, required) {
  const value = of.default;
  return required ? 'must be given' : value === undefined || of.properties ? null : html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`;
}

/** @param kind environments, services or pipelines */
export function Reference({kind}) {
  const [open, setOpen] = useState(false);
  const address = `/schemas/${kind.slice(0, -1)}.json`;
  const schema = useDocument(open ? address : null);
  return html`
    <details onToggle=${(event) => setOpen(event.target.open)}><summary>All fields of the spec</summary>
      <p class="quiet">As a JSON schema for editors: <a href=${address}>${address}</a>. The whole API: <a href="/q/openapi">/q/openapi</a>.</p>
      ${open ? html`<${Loaded} of=${schema}>${(found) => html`<${Table} label="Fields" columns=${['Field', 'What', 'Values', 'Default']}
        rows=${fields(found).map(([name, of, required]) => ({key: name, cells: [html`<code>${name}</code>`,
          html`${of.title ?? ''}${of.description ? html`<p class="quiet">${of.description}</p>` : null}`, right(of), standard(of, required)]}))} />`}<//>` : null}
    </details>`;
}
