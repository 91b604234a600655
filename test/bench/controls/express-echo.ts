/** Standard Express: echoes a JSON body. */
import express from 'express';

const app = express();
app.use(express.json());
app.post('/rides', (request, response) => {
  response.json(request.body);
});
app.listen(Number(process.env.PORT));
