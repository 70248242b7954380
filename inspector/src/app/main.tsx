/** The page begins here. */
import './language.js';
import '../style.css';
import { render } from 'preact';
import { App } from './app.js';
import { connect } from './connection.js';

const place = document.querySelector('#page');
if (place === null) throw new Error('expected an element #page');
render(<App />, place);
void connect();
