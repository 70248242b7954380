/** The page begins here. */
import { render } from 'preact';
import '../style.css';
import { App } from './app.js';
import { connect } from './connection.js';

const place = document.querySelector('#page');
if (place === null) throw new Error('expected an element #page');
render(<App />, place);
void connect();
