import { mount } from 'svelte';
import './styles';
import App from './App.svelte';
import { session } from '$lib/session.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
void session.start();
