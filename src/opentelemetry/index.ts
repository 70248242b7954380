/** The exports of `pullgraph/opentelemetry`. */
export { activeTrace, type Instrument, instrument, type InstrumentOptions } from './instrument.js';
