// Steps that move bytes and datagrams.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace Differential;

static class TransferSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        calls["send"] = Send;
        calls["receive"] = Receive;
        calls["send-buffers"] = SendBuffers;
        calls["receive-buffers"] = ReceiveBuffers;
        calls["send-to"] = SendTo;
        calls["receive-from"] = ReceiveFrom;
        plain["receive-exactly"] = ReceiveExactly;
        plain["receive-flags"] = ReceiveFlags;
        plain["receive-record"] = ReceiveRecord;
    }

    static byte[] DataOf(Run run, Word word) => word.Is("null") ? null : Values.Data(run, word);

    public static byte[] RoomOf(Run run, Step step, Word word) => word.Is("null") ? null : new byte[Values.Number(run, step, word)];

    public static string Received(byte[] data, int count) => $" {count}" + Output.Bytes(data.AsSpan(0, Math.Min(count, data.Length)));

    public static void SetBuffer(SocketAsyncEventArgs e, byte[] data, SocketFlags flags)
    {
        e.SocketFlags = flags;
        if (data == null) throw new ArgumentNullException();
        e.SetBuffer(data, 0, data.Length);
    }

    static Call Send(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        byte[] data = DataOf(run, step[1]);
        SocketFlags flags = Values.Flags(step);
        return new Call
        {
            Blocking = () => $"ok {socket.Send(data, flags)}",
            Task = async token => data == null
                ? $"ok {await socket.SendAsync((ArraySegment<byte>)data, flags)}"
                : $"ok {await socket.SendAsync(data.AsMemory(), flags, token)}",
            Configure = e => SetBuffer(e, data, flags),
            StartEvent = socket.SendAsync,
            Show = e => $" {e.BytesTransferred}",
        };
    }

    static Call Receive(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        byte[] data = RoomOf(run, step, step[1]);
        SocketFlags flags = Values.Flags(step);
        return new Call
        {
            Blocking = () => "ok" + Received(data, socket.Receive(data, flags)),
            Task = async token => data == null
                ? $"ok {await socket.ReceiveAsync((ArraySegment<byte>)data, flags)}"
                : "ok" + Received(data, await socket.ReceiveAsync(data.AsMemory(), flags, token)),
            Configure = e => SetBuffer(e, data, flags),
            StartEvent = socket.ReceiveAsync,
            Show = e => Received(data, e.BytesTransferred),
        };
    }

    /// The word none stands for a segment without an array; the word null for a list that is none.
    static List<ArraySegment<byte>> Segments(Step step, Func<Word, byte[]> make)
    {
        Word[] words = Values.Buffers(step);
        if (words.Length == 1 && words[0].Is("null")) return null;
        return words.Select(word => word.Is("none") ? default : new ArraySegment<byte>(make(word))).ToList();
    }

    static Call SendBuffers(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        List<ArraySegment<byte>> list = Segments(step, word => Values.Data(run, word));
        SocketFlags flags = Values.Flags(step);
        return new Call
        {
            Blocking = () => $"ok {socket.Send(list, flags)}",
            Task = async _ => $"ok {await socket.SendAsync(list, flags)}",
            Configure = e => { e.SocketFlags = flags; e.BufferList = list; },
            StartEvent = socket.SendAsync,
            Show = e => $" {e.BytesTransferred}",
        };
    }

    public static string Received(List<ArraySegment<byte>> list, int count)
    {
        var text = new StringBuilder($" {count}");
        foreach (ArraySegment<byte> each in list)
        {
            if (count <= 0) break;
            text.Append(Output.Bytes(each.AsSpan(0, Math.Min(count, each.Count))));
            count -= each.Count;
        }
        return text.ToString();
    }

    static Call ReceiveBuffers(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        List<ArraySegment<byte>> list = Segments(step, word => new byte[Values.Number(run, step, word)]);
        SocketFlags flags = Values.Flags(step);
        return new Call
        {
            Blocking = () => "ok" + Received(list, socket.Receive(list, flags)),
            Task = async _ => "ok" + Received(list, await socket.ReceiveAsync(list, flags)),
            Configure = e => { e.SocketFlags = flags; e.BufferList = list; },
            StartEvent = socket.ReceiveAsync,
            Show = e => Received(list, e.BytesTransferred),
        };
    }

    static Call SendTo(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        byte[] data = DataOf(run, step[1]);
        EndPoint to = Values.EndPoint(run, step, step[2]);
        SocketFlags flags = Values.Flags(step);
        return new Call
        {
            Blocking = () => $"ok {socket.SendTo(data, flags, to)}",
            Task = async token => data == null
                ? $"ok {await socket.SendToAsync((ArraySegment<byte>)data, flags, to)}"
                : $"ok {await socket.SendToAsync(data.AsMemory(), flags, to, token)}",
            Configure = e => { SetBuffer(e, data, flags); e.RemoteEndPoint = to; },
            StartEvent = socket.SendToAsync,
            Show = e => $" {e.BytesTransferred}",
        };
    }

    static Call ReceiveFrom(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        string name = step[0].Text;
        byte[] data = RoomOf(run, step, step[1]);
        SocketFlags flags = Values.Flags(step);
        string Show(int count, EndPoint from)
        {
            run.Senders[name] = from;
            return Received(data, count) + " from" + Output.EndPoint(run, from);
        }
        return new Call
        {
            Blocking = () =>
            {
                EndPoint from = Values.Prototype(socket);
                int count = socket.ReceiveFrom(data, flags, ref from);
                return "ok" + Show(count, from);
            },
            Task = async token =>
            {
                EndPoint from = Values.Prototype(socket);
                SocketReceiveFromResult result = data == null
                    ? await socket.ReceiveFromAsync((ArraySegment<byte>)data, flags, from)
                    : await socket.ReceiveFromAsync(data.AsMemory(), flags, from, token);
                return "ok" + Show(result.ReceivedBytes, result.RemoteEndPoint);
            },
            Configure = e => { SetBuffer(e, data, flags); e.RemoteEndPoint = Values.Prototype(socket); },
            StartEvent = socket.ReceiveFromAsync,
            Show = e => Show(e.BytesTransferred, e.RemoteEndPoint),
        };
    }

    static string ReceiveExactly(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        byte[] all = new byte[Values.Number(run, step, step[1])];
        int got = 0;
        while (got < all.Length)
        {
            int count = run.Style == Style.Blocking
                ? socket.Receive(all, got, all.Length - got, SocketFlags.None)
                : socket.ReceiveAsync(all.AsMemory(got)).AsTask().GetAwaiter().GetResult();
            if (count == 0) break;
            got += count;
        }
        return $"ok {got}" + Output.Bytes(all.AsSpan(0, got));
    }

    static string ReceiveFlags(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        byte[] data = RoomOf(run, step, step[1]);
        SocketFlags flags = Values.Flags(step);
        var call = new Call
        {
            Configure = e => SetBuffer(e, data, flags),
            StartEvent = socket.ReceiveAsync,
            Show = e => Received(data, e.BytesTransferred) + $" flags {(int)e.SocketFlags}",
        };
        return call.Start(Style.EventArgs, default).GetAwaiter().GetResult();
    }

    /// What the arguments say of themselves afterwards.
    static string ReceiveRecord(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        byte[] data = RoomOf(run, step, step[1]);
        using var e = new SocketAsyncEventArgs { UserToken = data };
        using var done = new System.Threading.ManualResetEventSlim();
        e.Completed += (_, _) => done.Set();
        SetBuffer(e, data, SocketFlags.None);
        if (socket.ReceiveAsync(e)) done.Wait();
        return $"{Output.Error(e.SocketError)} operation {(int)e.LastOperation}" + Output.Bool(ReferenceEquals(e.UserToken, data));
    }
}
