"""A character-level LSTM that learns a sentence and then speaks, and a hand-made RNN that tells languages apart."""
import torch
import torch.nn as nn
from torch.autograd import Variable

text = "the quick brown fox jumps over the lazy dog. pack my box with five dozen liquor jugs. " * 2
chars = sorted(set(text))
char2int = {c: i for i, c in enumerate(chars)}
int2char = dict(enumerate(chars))
use_cuda = torch.cuda.is_available()
torch.manual_seed(3)


class CharRNN(nn.Module):
    def __init__(self, n_chars, n_hidden=24, n_layers=2, drop_prob=0.2):
        super().__init__()
        self.n_hidden, self.n_layers = n_hidden, n_layers
        self.encoder = nn.Embedding(n_chars, 12)
        self.lstm = nn.LSTM(12, n_hidden, n_layers, dropout=drop_prob, batch_first=True)
        self.dropout = nn.Dropout(drop_prob)
        self.fc = nn.Linear(n_hidden, n_chars)

    def forward(self, x, hidden):
        r_output, hidden = self.lstm(self.encoder(x), hidden)
        out = self.dropout(r_output)
        out = out.contiguous().view(-1, self.n_hidden)
        return self.fc(out), hidden

    def init_hidden(self, batch_size):
        weight = next(self.parameters()).data
        return (weight.new(self.n_layers, batch_size, self.n_hidden).zero_(), weight.new(self.n_layers, batch_size, self.n_hidden).zero_())


net = CharRNN(len(chars))
if use_cuda:
    net.cuda()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
encoded = torch.tensor([char2int[c] for c in text])
for epoch in range(4):
    h = net.init_hidden(4)
    for start in range(0, 30, 10):
        rows = encoded[: 4 * (len(encoded) // 4)].view(4, -1)
        inputs, targets = rows[:, start : start + 10], rows[:, start + 1 : start + 11]
        h = tuple([each.data for each in h])
        net.zero_grad()
        output, h = net(inputs, h)
        loss = criterion(output, targets.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        opt.step()
    print(f"Epoch: {epoch + 1}/4... Loss: {loss.item():.4f}")

net.eval()
h, c, said = net.init_hidden(1), "t", "t"
for _ in range(20):
    out, h = net(torch.tensor([[char2int[c]]]), h)
    p = nn.functional.softmax(out, dim=1).data
    top, top_i = p.topk(5)
    c = int2char[top_i[0, torch.multinomial(top[0], 1)].item()]
    said += c
print(said)


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(input_size + hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = self.i2h(combined)
        return self.softmax(self.i2o(combined)), hidden

    def initHidden(self):
        return Variable(torch.zeros(1, self.hidden_size))


names = {0: ["Satoshi", "Yuki", "Haruki"], 1: ["Bauer", "Schmidt", "Vogel"], 2: ["Rossi", "Bianchi", "Conti"]}
letters = sorted(set("".join(sum(names.values(), []))))


def lineToTensor(line):
    tensor = torch.zeros(len(line), 1, len(letters))
    for li, letter in enumerate(line):
        tensor[li][0][letters.index(letter)] = 1
    return tensor


rnn = RNN(len(letters), 16, 3)
criterion = nn.NLLLoss()
for i in range(12):
    category = i % 3
    category_tensor = Variable(torch.LongTensor([category]))
    line_tensor = Variable(lineToTensor(names[category][i // 3 % 3]))
    hidden = rnn.initHidden()
    rnn.zero_grad()
    for j in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[j], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-0.005)
    top_n, top_i = output.data.topk(1)
    print(loss.item(), top_i[0].item() == category)
