export const CONTROLLER_USAGE = `usage: vsix-controller run --config FILE
       vsix-controller prepare --config FILE   make keys and mqtt.files, for a mosquitto that is to start first
`;
